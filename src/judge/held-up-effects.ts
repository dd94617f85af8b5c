/**
 * What it is in effect to stand at an operation until another's step lets one go on: for an entry of a
 * queue or pipe, for the end of a rundown, for DPCs. As of any wait it is asked who ends that (R4, R5);
 * who gave up has waited, too.
 */
import { locate } from "../machine/frames.ts";
import { isHeldUp } from "../machine/held-up.ts";
import { Alternative, Returning, Status, T, Tag } from "../machine/layout.ts";
import { baseOf, isAlive, type Machine } from "../machine/machine.ts";
import { Connection, Op, stride } from "../machine/opcodes.ts";
import type { Program } from "../machine/program.ts";
import { filling } from "./ending-ops.ts";
import { callbackFrame } from "./thread-activity.ts";

const releasing: readonly number[] = [...filling, Op.disconnect, Op.unprotect];
/** Of DPCs it is their end that lets somebody go on, which is no step. */
const standing: readonly number[] = [Op.dequeue, Op.runDown];
/** How a thread itself gives up. */
const givesUp: readonly number[] = [Alternative.timeout, Alternative.interrupt];

/** Sites of what lets those go who stand in a driver's code, or gives up there; none where nobody can stand. */
export function releasingSites({ code, sites, routines }: Program): number[] {
  const services = new Set(
    routines.flatMap(({ name, owner, role }) =>
      role === "userThread" ? [`${owner}: ${name}`] : [],
    ),
  );
  const stands: number[] = [];
  const releases: number[] = [];
  for (let pc = 0; pc < code.length; pc += stride) {
    const site = code[pc + 1];
    const { users, owner, routine } = sites[site];
    const isDrivers = users && !services.has(`${owner}: ${routine}`);
    if (isDrivers && standing.includes(code[pc])) stands.push(site);
    if (releasing.includes(code[pc])) releases.push(site);
  }
  return stands.length === 0 ? [] : [...stands, ...releases];
}

/** A callback that goes on: its thread, its frame, and the site at which it stood. */
export interface LetGo {
  readonly thread: number;
  readonly frame: number;
  readonly site: number;
  /** It is for an entry of a port that it stood: the other end is another process's. */
  readonly isPort: boolean;
}

const none: readonly LetGo[] = [];

/** The callbacks that go on by what a thread is about to do, in this way: it lets them go, or gives up itself. */
export function letGoBy(m: Machine, actor: number, way: number): readonly LetGo[] {
  const { words, program } = m;
  const { code } = program;
  const base = baseOf(m, actor);
  const pc = words[base + T.pc];
  if (words[base + T.status] !== Status.ready) return none;
  if (givesUp.includes(way)) return isHeldUp(m, actor) ? standingAt(m, actor) : none;
  if (!releasing.includes(code[pc]) || way === Alternative.stop) return none;
  const object = releasedAt(m, actor, pc, way);
  if (object < 0) return none;
  return program.threads.flatMap((_, thread) => {
    const at = words[baseOf(m, thread) + T.pc];
    const stands = thread !== actor && isAlive(m, thread) && standing.includes(code[at]);
    const isIt = stands && isHeldUp(m, thread) && locate(m, thread, code[at + 2]) === object;
    return isIt ? standingAt(m, thread) : none;
  });
}

/** What the operation lets others go on by; below 0 where it does not. */
function releasedAt(m: Machine, actor: number, pc: number, way: number): number {
  const { code } = m.program;
  if (code[pc] === Op.disconnect && code[pc + 3] === Connection.opens) return -1;
  if (code[pc] === Op.unprotect && way === Returning.regions) return -1;
  const object = locate(m, actor, code[pc + 2]);
  return code[pc] === Op.unprotect && m.words[object + 2] !== 1 ? -1 : object;
}

function standingAt(m: Machine, thread: number): readonly LetGo[] {
  const { code, sites } = m.program;
  const pc = m.words[baseOf(m, thread) + T.pc];
  const frame = callbackFrame(m, thread);
  const site = code[pc + 1];
  if (frame === 0 || !sites[site].users) return none;
  const isPort = code[pc] === Op.dequeue && m.words[locate(m, thread, code[pc + 2])] === Tag.port;
  return [{ thread, frame, site, isPort }];
}

/** The callback's thread that stands at such an operation, let go on or not. */
export function stoodAt(m: Machine, opId: string): number | undefined {
  const { code, sites, threads } = m.program;
  const found = threads.findIndex((_, thread) => {
    const pc = m.words[baseOf(m, thread) + T.pc];
    const stands = standing.includes(code[pc]) || code[pc] === Op.flushDpcs;
    const isIt = stands && isAlive(m, thread) && sites[code[pc + 1]].opId === opId;
    return isIt && callbackFrame(m, thread) !== 0;
  });
  return found < 0 ? undefined : found;
}

/** Whether it is for DPCs that a callback stands: they are others' code, and end by themselves. */
export const awaitsDpcs = (m: Machine, thread: number): boolean =>
  m.program.code[m.words[baseOf(m, thread) + T.pc]] === Op.flushDpcs &&
  callbackFrame(m, thread) !== 0;
