/**
 * What it is in effect to stand at an operation until another's step lets one go on: for an entry of a
 * queue or pipe, for the end of a rundown, for DPCs. That is a wait as any (R4, R5), with a timeout, too.
 */
import { locate } from "../machine/frames.ts";
import { isHeldUp } from "../machine/held-up.ts";
import { Alternative, Returning, Status, T, Tag } from "../machine/layout.ts";
import { baseOf, isAlive, type Machine } from "../machine/machine.ts";
import { Op, stride } from "../machine/opcodes.ts";
import type { Program } from "../machine/program.ts";
import { filling } from "./ending-ops.ts";
import { callbackFrame } from "./thread-activity.ts";

/** What lets somebody go on who stands so. Of DPCs it is their end. */
const releasing: readonly number[] = [...filling, Op.unprotect];
const standing: readonly number[] = [Op.dequeue, Op.runDown];

/** Sites of what lets go those who stand at an operation of a driver's; none where nobody can. */
export function releasingSites({ code, sites, routines }: Program): number[] {
  const services = new Set(
    routines.flatMap(({ name, owner, role }) =>
      role === "userThread" ? [`${owner}: ${name}`] : [],
    ),
  );
  let canStand = false;
  const found: number[] = [];
  for (let pc = 0; pc < code.length; pc += stride) {
    const { users, owner, routine } = sites[code[pc + 1]];
    canStand ||= users && standing.includes(code[pc]) && !services.has(`${owner}: ${routine}`);
    if (releasing.includes(code[pc])) found.push(code[pc + 1]);
  }
  return canStand ? found : [];
}

/** Whether it is for an entry of a port that a thread stands: the other end is another process's. */
export function awaitsPort(m: Machine, thread: number): boolean {
  const pc = m.words[baseOf(m, thread) + T.pc];
  const { code } = m.program;
  if (code[pc] !== Op.dequeue) return false;
  const at = locate(m, thread, code[pc + 2]);
  return at >= 0 && m.words[at] === Tag.port;
}

/** A callback that is let go: its thread, its frame, and the site at which it stands. */
export interface LetGo {
  readonly thread: number;
  readonly frame: number;
  readonly site: number;
}

const none: readonly LetGo[] = [];

/** The callbacks that what a thread is about to do, in this way, lets go. */
export function letGoBy(m: Machine, actor: number, way: number): readonly LetGo[] {
  const { words, program } = m;
  const { code, sites } = program;
  const base = baseOf(m, actor);
  const pc = words[base + T.pc];
  if (words[base + T.status] !== Status.ready || !releasing.includes(code[pc])) return none;
  const isRelease = code[pc] === Op.unprotect;
  if (way === Alternative.stop || (isRelease && way === Returning.regions)) return none;
  const object = locate(m, actor, code[pc + 2]);
  if (object < 0 || (isRelease && words[object + 2] !== 1)) return none;
  return program.threads.flatMap((_, thread) => {
    const at = words[baseOf(m, thread) + T.pc];
    const stands = thread !== actor && isAlive(m, thread) && standing.includes(code[at]);
    if (!stands || !isHeldUp(m, thread) || locate(m, thread, code[at + 2]) !== object) return none;
    const frame = callbackFrame(m, thread);
    const site = code[at + 1];
    return frame !== 0 && sites[site].users ? [{ thread, frame, site }] : none;
  });
}
