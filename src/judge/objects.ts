/** What an address is: a declared object, wherever it lives, or a thread or process. */
import { memo } from "../base/memo.ts";
import { addressOf, F, isRef, Mode, T, Tag } from "../machine/layout.ts";
import { baseOf, type Machine, threadAt } from "../machine/machine.ts";
import { Op, stride } from "../machine/opcodes.ts";
import type { ObjectInfo, Program } from "../machine/program.ts";
import { wanted } from "../machine/waits.ts";

export interface NamedObject {
  readonly name: string;
  readonly kind: string;
  /** The driver or service that declares it. */
  readonly owner: string;
  /** The same for every instance of the declaration. */
  readonly key: string;
  /** Thread in whose frame it lives, −1 otherwise, and that frame. */
  readonly thread: number;
  readonly frame: number;
  /** The process whose context it is part of. */
  readonly process?: string;
}

const unknown: NamedObject = {
  name: "something",
  kind: "object",
  owner: "",
  key: "?",
  thread: -1,
  frame: 0,
};

export function objectAt(m: Machine, address: number): NamedObject {
  const { program, words } = m;
  if (address < program.threadFirst) {
    const info = program.objects.get(address);
    if (info === undefined) return ofProcess(m, address) ?? unknown;
    const key = info.kind === "process" ? "process" : `${info.owner}.${info.name}`;
    return { name: info.name, kind: info.kind, owner: info.owner, key, thread: -1, frame: 0 };
  }
  const thread = threadAt(m, address);
  const base = baseOf(m, thread);
  if (address === base) {
    return {
      name: program.threads[thread].name,
      kind: "thread",
      owner: program.threads[thread].owner,
      key: "thread",
      thread: -1,
      frame: 0,
    };
  }
  for (const frame of framesOf(m, thread)) {
    const routine = words[frame + F.routine] - 1;
    const info = program.frameObjects.get(`${routine}:${address - frame}`);
    if (info !== undefined && address >= frame) {
      return {
        name: info.name,
        kind: info.kind,
        owner: info.owner,
        key: `${routine}:${address - frame}`,
        thread,
        frame,
      };
    }
  }
  return unknown;
}

/** One of those that every process has. */
function ofProcess({ program }: Machine, address: number): NamedObject | undefined {
  for (const { base, name } of program.processes) {
    const info = program.processObjects.get(address - base);
    if (info === undefined) continue;
    const key = processKey(info);
    const { name: own, kind, owner } = info;
    return { name: own, kind, owner, key, thread: -1, frame: 0, process: name };
  }
  return undefined;
}

export const processKey = ({ owner, name }: ObjectInfo): string =>
  `${owner}.each process's ${name}`;

const pipes = new WeakMap<Program, ReadonlySet<string>>();

/** Whether what is at an address is written to as a pipe is: what does not fit waits for room. */
export function isPipe(m: Machine, address: number): boolean {
  if (m.words[address] !== Tag.port) return false;
  const written = memo(pipes, m.program, () => {
    const { code } = m.program;
    const found = new Set<string>();
    for (let pc = 0; pc < code.length; pc += stride) {
      if (code[pc] !== Op.send || code[pc + 5] !== wanted.room) continue;
      if (code[pc + 2] >>> 24 === Mode.global) found.add(objectAt(m, code[pc + 2] & 0xffffff).key);
    }
    return found;
  });
  return written.has(objectAt(m, address).key);
}

/** Whether a thread has a reference in its pointer, or anywhere on its stack. */
export function hasReference(m: Machine, thread: number, reference: number): boolean {
  const base = baseOf(m, thread);
  if (m.words[base + T.pointer] === reference) return true;
  const end = base + m.words[base + T.top];
  for (let at = base + T.size; at < end; at++) if (m.words[at] === reference) return true;
  return false;
}

/** Frames of a thread, the running one first. */
export function framesOf(m: Machine, thread: number): number[] {
  const base = baseOf(m, thread);
  const frames: number[] = [];
  for (
    let offset = m.words[base + T.frame];
    offset !== 0;
    offset = m.words[base + offset + F.caller]
  ) {
    frames.push(base + offset);
  }
  return frames;
}

/** The frame behind one of a thread's, 0 if it is the outermost. */
export function callerOf({ words, program }: Machine, thread: number, frame: number): number {
  const caller = words[frame + F.caller];
  return caller === 0 ? 0 : program.threadFirst + thread * program.threadWords + caller;
}

export const routineOfFrame = (m: Machine, frame: number) =>
  m.program.routines[m.words[frame + F.routine] - 1];

/**
 * Where a driver asked for what a thread does at `site`: the call that entered the kernel path, if
 * it is in one of the system's own; `site` itself where nobody asked.
 */
export function askedAt(m: Machine, thread: number, site: number): number {
  const { sites, code } = m.program;
  if (sites[site].users) return site;
  for (const frame of framesOf(m, thread)) {
    if (routineOfFrame(m, frame).role !== "path") return site;
    const call = code[m.words[frame + F.returnPc] - stride + 1];
    if (sites[call]?.users === true) return call;
  }
  return site;
}

/** The innermost frame of the thread whose routine has one of these roles, 0 if none. */
export function frameWithRole(m: Machine, thread: number, ...roles: readonly string[]): number {
  return framesOf(m, thread).find((frame) => roles.includes(routineOfFrame(m, frame).role)) ?? 0;
}

/** Whether `frame`, or one that its captures lead to, is `wanted`. */
export function capturesLeadTo(m: Machine, frame: number, wanted: number): boolean {
  for (let at = frame; at !== 0; ) {
    if (at === wanted) return true;
    const captured = m.words[at + F.captured];
    at = isRef(captured) && addressOf(captured) !== 0 ? addressOf(captured) : 0;
    if (at !== 0 && at < m.program.threadFirst) return false;
  }
  return false;
}
