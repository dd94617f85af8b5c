/** Which operations code can still come to: from an instruction on, calls included. */
import { memo } from "../base/memo.ts";
import { Mode, P } from "../machine/layout.ts";
import { Op, stride } from "../machine/opcodes.ts";
import type { Program } from "../machine/program.ts";
import { processKey } from "./objects.ts";

/**
 * What tests of the running process make of who runs code: the role of his process, which never
 * changes; undefined where anybody may run it.
 */
export type Runner = number | undefined;

export const runnerOf = ({ initial, threads }: Program, thread: number): Runner =>
  initial[threads[thread].process + P.role];

/** Where control can go from an instruction. */
export function successors(
  program: Program,
  pc: number,
  follow: (routine: number) => void,
  runner?: Runner,
): number[] {
  const { code } = program;
  const next = pc + stride;
  switch (code[pc]) {
    case Op.jump:
    case Op.backEdge:
      return [code[pc + 2]];
    case Op.branchResult:
    case Op.branchEvent:
    case Op.branchCause:
    case Op.choose:
      return [next, code[pc + 3]];
    case Op.branchLocal:
    case Op.branchShared:
      return [next, code[pc + 5]];
    case Op.branchRole: {
      const [who, is] = [code[pc + 2], code[pc + 3]];
      // Of the running process; whether it is the subject is the activation's, not the thread's.
      if (runner === undefined || who !== 0 || is < 0) return [next, code[pc + 4]];
      return [runner === is ? next : code[pc + 4]];
    }
    case Op.send:
    case Op.pend:
      return [next, code[pc + 4]];
    case Op.branchVeto:
    case Op.branchApcs:
    case Op.branchKernelHandle:
    case Op.branchPended:
    case Op.branchCalled:
    case Op.fault:
      return [next, code[pc + 2]];
    case Op.protect:
      return [next, code[pc + 3]];
    case Op.call:
    case Op.callback:
      follow(code[pc + 2]);
      return [next];
    case Op.return:
    case Op.end:
    case Op.park:
      return [];
    default:
      return [next];
  }
}

const newMap = <V>(): Map<number, V> => new Map();

/** What is known of each place in a program's code, by who runs it. */
export type ByRunner<V> = WeakMap<Program, Map<Runner, Map<number, V>>>;

export const knownFor = <V>(known: ByRunner<V>, program: Program, runner: Runner): Map<number, V> =>
  memo(
    memo(known, program, () => new Map<Runner, Map<number, V>>()),
    runner,
    newMap<V>,
  );

const cache: ByRunner<readonly number[]> = new WeakMap();

/**
 * Instructions that can run from `pc` until its routine returns, those of its callees included; of
 * a given runner, on no way that its process rules out.
 */
export const reachable = (program: Program, pc: number, runner?: Runner): readonly number[] =>
  memo(knownFor(cache, program, runner), pc, () => reach(program, pc, runner));

/** The same without callbacks that events call which it raises. */
export const reachableItself = (program: Program, pc: number): readonly number[] =>
  reach(program, pc, undefined, (routine) => program.routines[routine].role !== "callback");

function reach(
  program: Program,
  pc: number,
  runner: Runner,
  enters: (routine: number) => boolean = () => true,
): readonly number[] {
  const seen = new Set<number>([pc]);
  const pending = [pc];
  for (let at = pending.pop(); at !== undefined; at = pending.pop()) {
    const follow = (routine: number): void => {
      if (enters(routine) && !seen.has(program.routines[routine].pc)) {
        seen.add(program.routines[routine].pc);
        pending.push(program.routines[routine].pc);
      }
    };
    const next = successors(program, at, follow, runner);
    for (const to of next) {
      if (to <= 0 || to >= program.code.length || seen.has(to)) continue;
      seen.add(to);
      pending.push(to);
    }
  }
  return [...seen].sort((a, b) => a - b);
}

const loops = new WeakMap<Program, Map<number, readonly number[]>>();

/** The loop around `pc` in its own routine: what control can pass on the way back to it. */
export function comesBackTo(program: Program, pc: number): readonly number[] {
  const known = memo(loops, program, newMap<readonly number[]>);
  if (!known.has(pc)) findLoops(program, pc, known);
  return known.get(pc) ?? [];
}

/**
 * Finds the loops in all that can run from `start` on and is not in `known` yet: the strongly
 * connected parts of the code, each instruction looked at once (Tarjan, "Depth-first search and
 * linear graph algorithms", 1972; with a stack of its own, since code may be long).
 */
function findLoops(program: Program, start: number, known: Map<number, readonly number[]>): void {
  const order = new Map<number, number>();
  /** The earliest that each comes back to. */
  const earliest = new Map<number, number>();
  const open: number[] = [];
  const path: { readonly pc: number; readonly next: number[] }[] = [];
  const enter = (pc: number): void => {
    order.set(pc, order.size);
    earliest.set(pc, order.size - 1);
    open.push(pc);
    path.push({ pc, next: nextOf(program, pc) });
  };
  const lower = (pc: number, to: number): void => {
    earliest.set(pc, Math.min(earliest.get(pc) as number, to));
  };
  enter(start);
  for (let top = path.at(-1); top !== undefined; top = path.at(-1)) {
    const { pc, next } = top;
    const to = next.pop();
    if (to === undefined) {
      path.pop();
      const below = path.at(-1);
      if (below !== undefined) lower(below.pc, earliest.get(pc) as number);
      if (earliest.get(pc) !== order.get(pc)) continue;
      const part = open.splice(open.lastIndexOf(pc)).sort((a, b) => a - b);
      const isLoop = part.length > 1 || nextOf(program, pc).includes(pc);
      for (const at of part) known.set(at, isLoop ? part : []);
    } else if (!order.has(to)) {
      // What is known is of a part that is closed, and leads back to none that is open.
      if (!known.has(to)) enter(to);
    } else if (!known.has(to)) {
      lower(pc, order.get(to) as number);
    }
  }
}

/** Where control can go from an instruction, in its own routine. */
const nextOf = (program: Program, pc: number): number[] =>
  successors(program, pc, () => {}).filter((to) => to > 0 && to < program.code.length);

/** In place of a key: what code was handed as its context, wherever that is. */
export const handedOver = "handed over";

/**
 * The key of the object that an operand names in a routine, as `objectAt` gives keys; "*" for one
 * of the record that a pointer leads to.
 */
export function operandKey(program: Program, routine: number, operandWord: number): string {
  const mode = operandWord >>> 24;
  const offset = operandWord & 0xffffff;
  if (mode === Mode.global) {
    const info = program.objects.get(offset);
    return info === undefined ? "?" : `${info.owner}.${info.name}`;
  }
  if (mode === Mode.local) return `${routine}:${offset}`;
  if (mode >= Mode.captured && mode < Mode.subject) {
    let at = routine;
    for (let hops = mode - Mode.captured + 1; hops > 0; hops--) {
      const { within, owner } = program.routines[at];
      at = program.routines.findIndex((r) => r.name === within && r.owner === owner);
      if (at < 0) return "?";
    }
    return `${at}:${offset}`;
  }
  if (mode === Mode.subject || mode === Mode.current || mode === Mode.parent) {
    const info = program.processObjects.get(offset);
    return info === undefined ? "?" : processKey(info);
  }
  if (mode === Mode.pointer) return offset === 0 ? handedOver : "*";
  return "?";
}

/** The routine that an instruction belongs to: the last that starts at or before it. */
export function routineAt(program: Program, pc: number): number {
  let best = -1;
  program.routines.forEach((routine, i) => {
    if (routine.pc <= pc && (best < 0 || routine.pc > program.routines[best].pc)) best = i;
  });
  return best;
}

const returning: ByRunner<boolean> = new WeakMap();

/** Whether the routine around `pc` can return: code behind an endless loop is never come to. */
export const canReturn = (program: Program, pc: number, runner?: Runner): boolean =>
  memo(knownFor(returning, program, runner), pc, () => comesToReturn(program, pc, runner));

function comesToReturn(program: Program, pc: number, runner: Runner): boolean {
  const seen = new Set<number>([pc]);
  const pending = [pc];
  let found = false;
  for (let at = pending.pop(); at !== undefined && !found; at = pending.pop()) {
    found = program.code[at] === Op.return;
    for (const to of successors(program, at, () => {}, runner)) {
      if (to <= 0 || to >= program.code.length || seen.has(to)) continue;
      seen.add(to);
      pending.push(to);
    }
  }
  return found;
}
