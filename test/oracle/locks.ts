/** Locks that cannot be waited for as objects: owned ones, those with a line, rundown (SY-8 to SY-17). */
import { answer, type Context } from "./context.ts";
import { Crash, type Task, type Thing, type Thread } from "./state.ts";

export type LockForm = "exclusive" | "shared" | "starve" | "yields";

export interface Acquire extends Task {
  readonly k: "acquire";
  readonly key: string;
  readonly type: string;
  readonly form: LockForm;
  readonly isTry?: boolean;
  /** FAST_MUTEX without its IRQL. */
  readonly isPlain?: boolean;
  /** It stands in line. */
  readonly inLine?: boolean;
}

const withLine = ["ERESOURCE", "EX_PUSH_LOCK", "EX_SPIN_LOCK"];
export const hasLine = (type: string): boolean => withLine.includes(type);

/** Whether the request can be granted as things stand. */
export function isGrantable(it: Thing, t: Thread, { type, form }: Acquire): boolean {
  if (type === "CRITICAL_SECTION") return it.owner === undefined || it.owner === t.id;
  if (!hasLine(type)) return it.owner === undefined;
  const line = it.line ?? [];
  const place = line.findIndex((one) => one.t === t.id);
  const ahead = place < 0 ? line : line.slice(0, place);
  const writerAhead = ahead.some((one) => !one.shared);
  const sharers = Object.keys(it.sharers ?? {});
  const isOwner = it.owner === t.id;
  if (type === "ERESOURCE") {
    if (form === "starve") return it.owner === undefined || isOwner; // SY-13
    if (isOwner) return true; // SY-11, SY-12
    if (it.owner !== undefined) return false;
    if (form === "exclusive") return sharers.length === 0 && ahead.length === 0;
    if (form === "yields") return !writerAhead;
    return sharers.includes(t.id) || !writerAhead;
  }
  if (it.owner !== undefined) return false;
  if (form === "exclusive") return sharers.length === 0 && ahead.length === 0; // SY-15
  if (type === "EX_SPIN_LOCK" && sharers.includes(t.id)) return false;
  return !writerAhead;
}

function grant(it: Thing, t: Thread, { type, form, isPlain }: Acquire): void {
  if (it.line !== undefined) it.line = it.line.filter((one) => one.t !== t.id);
  if (hasLine(type) && form !== "exclusive" && it.owner !== t.id) {
    it.sharers ??= {};
    it.sharers[t.id] = (it.sharers[t.id] ?? 0) + 1;
  } else {
    it.owner = t.id;
    it.depth = (it.depth ?? 0) + 1;
  }
  const level = type.endsWith("SPIN_LOCK") ? 2 : type === "FAST_MUTEX" && isPlain !== true ? 1 : 0;
  if (level > 0) {
    it.levels ??= {};
    it.levels[t.id] = t.irql;
    t.irql = Math.max(t.irql, level);
  }
  if (type === "KGUARDED_MUTEX") t.guarded++;
  if (type === "WDFWAITLOCK") t.critical++;
}

/** A visible step: takes the lock, is refused, or gets in line. */
export function acquire(c: Context, t: Thread, task: Acquire): void {
  const it = c.state.things[task.key];
  if (isGrantable(it, t, task)) {
    grant(it, t, task);
    return answer(t, "success");
  }
  if (task.isTry === true) return answer(t, "failure");
  it.line?.push({ t: t.id, shared: task.form !== "exclusive" });
  t.todo.push({ ...task, inLine: true });
}

/** Whether the step can be taken now: one without a line waits where it stands. */
export function canAcquire(it: Thing, t: Thread, task: Acquire): boolean {
  if (task.isTry === true || (hasLine(task.type) && task.inLine !== true)) return true;
  return isGrantable(it, t, task);
}

export function releaseLock(
  c: Context,
  t: Thread,
  key: string,
  type: string,
  op: number | undefined,
): void {
  const it = c.state.things[key];
  const shared = it.sharers?.[t.id];
  if (it.owner === t.id) {
    it.depth = (it.depth ?? 0) - 1;
    if (it.depth === 0) delete it.owner;
  } else if (shared !== undefined && it.sharers !== undefined) {
    if (shared > 1) it.sharers[t.id] = shared - 1;
    else delete it.sharers[t.id];
  } else throw new Crash("not owner", op);
  const level = it.levels?.[t.id];
  if (level !== undefined && it.levels !== undefined) {
    t.irql = level;
    delete it.levels[t.id];
  }
  if (type === "KGUARDED_MUTEX") leave(t, "guarded", op);
  if (type === "WDFWAITLOCK") leave(t, "critical", op);
}

export function leave(
  t: Thread,
  region: "critical" | "guarded" | "attached",
  op: number | undefined,
): void {
  if (t[region] === 0)
    throw new Crash(region === "attached" ? "not attached" : "region underflow", op);
  t[region]--;
}

/** The owner becomes a sharer (SY-12). */
export function convert(c: Context, t: Thread, key: string, op: number | undefined): void {
  const it = c.state.things[key];
  if (it.owner !== t.id) throw new Crash("not owner", op);
  it.sharers = { ...it.sharers, [t.id]: it.depth ?? 1 };
  it.depth = 0;
  delete it.owner;
  const line = it.line ?? [];
  it.line = [...line.filter((one) => one.shared), ...line.filter((one) => !one.shared)];
}

export const locksOf = (c: Context, t: Thread): number =>
  Object.values(c.state.things).filter(
    (it) => it.owner === t.id || it.sharers?.[t.id] !== undefined,
  ).length;
