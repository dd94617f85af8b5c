/** The state of a run as plain JSON: it is copied by walking it, and compared as text. */

import type { Clock } from "./timed/clock.ts";
import type { Root, Times } from "./timed/times.ts";

/** What a thread has to do next; the last one of its list is the next. */
export interface Task {
  /** Names the rule in `rules`. */
  readonly k: string;
  /** The driver's operation that it is part of. */
  readonly op?: number;
  /** The frame that it runs in. */
  readonly f?: string;
  readonly [detail: string]: unknown;
}

export interface Thread {
  id: string;
  process: string;
  todo: Task[];
  begun: boolean;
  ended: boolean;
  told: boolean;
  leaving: boolean;
  /** 0 PASSIVE_LEVEL, 1 APC_LEVEL, 2 DISPATCH_LEVEL. */
  irql: number;
  critical: number;
  guarded: number;
  attached: number;
  /** Roots that are open (section 12). */
  owes: number;
  /** Items that it runs. */
  items: number;
  causes: number;
  /** What the latest call came back with, and the number. */
  result: string;
  value: number;
  flag: boolean;
  apc?: Entry;
  alerted: boolean;
  userApc: boolean;
  /** A wait has ended for it: it is used up at the next user point. */
  userApcDue: boolean;
  inApc: boolean;
  /** The roots that are open on it, the outermost first: in the timed reading alone. */
  roots?: Root[];
}

export interface Frame {
  routine: string;
  driver: number;
  /** The frame of the routine in which this one was declared. */
  captured?: string;
  subject: string;
  subjectThread: string;
  event: string;
  results: Record<string, string>;
  values: Record<string, number>;
  opaque: Record<string, boolean>;
  /** A request whose IRP was pended. */
  pended?: boolean;
}

/** A routine to be run, or a reference to be handed on. */
export interface Entry {
  routine?: string;
  driver?: number;
  captured?: string;
  subject?: string;
  subjectThread?: string;
  /** A record, message or IRP. */
  ref?: string;
  causes: number;
  /** On the driver object, or on the driver's filter. */
  counted?: boolean | "filter";
  foreign?: boolean;
  special?: boolean;
  /** An APC that suspends (section 7). */
  suspends?: boolean;
  /** A WORK_ITEM of the driver. */
  item?: string;
  /** What a work item is handed: what a pointer holds, or `&` and an object. */
  context?: string;
  /** Whoever waits for this item of Windows. */
  awaited?: string;
  /** A message whose sender wants no reply. */
  oneWay?: boolean;
  /** When it was queued, in the timed reading. */
  at?: Clock;
}

export interface Message {
  port: string;
  fetched: boolean;
  answered?: string;
  reply: boolean;
  /** Of what is written to a pipe: for how many it has room. */
  room?: number;
}

export interface Thing {
  set?: boolean;
  count?: number;
  owner?: string;
  depth?: number;
  abandoned?: boolean;
  /** A KMUTEX. */
  mutex?: boolean;
  /** The IRQL to go back to, by thread. */
  levels?: Record<string, number>;
  sharers?: Record<string, number>;
  line?: { t: string; shared: boolean }[];
  down?: boolean;
  entries?: Entry[];
  /** A port that is not connected; and one that will not be again. */
  gone?: boolean;
  closed?: boolean;
  value?: number;
  to?: string;
  due?: boolean;
  period?: boolean;
  dpc?: Entry | undefined;
  /** Where the timer was set. */
  setBy?: number | undefined;
  /** Whose driver's code did. */
  setIn?: number;
}

export interface Process {
  dead: boolean;
  threads: number;
  parent: string;
  told: boolean;
  /** Of a restarted service: whether it has opened the driver. */
  connected?: boolean;
  /** Its initial thread. */
  first?: string;
  /** What its initial thread does in user mode. */
  fate: string;
}

export interface State {
  threads: Record<string, Thread>;
  frames: Record<string, Frame>;
  things: Record<string, Thing>;
  processes: Record<string, Process>;
  registrations: { on: boolean; inside: number }[];
  opaque: Record<string, boolean>;
  /** Items of each driver that keep it (W4). */
  counted: number[];
  filters: { down: boolean; items: number }[];
  /** Each driver's code; what goes does so with the last item that counts. */
  code: ("there" | "goes" | "gone")[];
  pool: Record<string, { entries: Entry[]; marked: boolean; relief: number }>;
  dpcs: Record<string, Entry>;
  /** `link`: what stood behind it in a list that it has left (SY-27). */
  records: Record<string, { count: number; link?: string }>;
  /** One that has been freed, or whose frame has ended, is not here. */
  messages: Record<string, Message>;
  faults: number;
  /** Set timers whose memory has gone: where they were set, and what has become of it. */
  strayTimers: { op: number | undefined; kind: string; driver: number }[];
  /** Threads that the neighbour has made. */
  neighbours: number;
  released: boolean;
  unloading: boolean;
  serviceSeen: string;
  /** The process in which somebody has stopped for good. */
  stopped: string;
  made: number;
  /** Those that are not sure to have a slot. */
  madeOfAll: number;
  /** Clocks: in the timed reading alone. */
  times?: Times;
}

export function copied<T>(value: T): T {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(copied) as T;
  const out: Record<string, unknown> = {};
  for (const key in value) out[key] = copied((value as Record<string, unknown>)[key]);
  return out as T;
}

/** The same state, however it came about, has the same text. */
export function textOf(value: unknown): string {
  if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? "";
  if (Array.isArray(value)) return `[${value.map(textOf).join()}]`;
  const keys = Object.keys(value).sort();
  const held = value as Record<string, unknown>;
  return `{${keys
    .filter((key) => held[key] !== undefined)
    .map((key) => `${key}:${textOf(held[key])}`)
    .join()}}`;
}

/** A crash ends the run. */
export class Crash extends Error {
  readonly kind: string;
  readonly op: number | undefined;
  constructor(kind: string, op: number | undefined) {
    super(kind);
    this.kind = kind;
    this.op = op;
  }
}

/** What the use of an object is whose memory has gone: a record's, or a frame's. */
export const useOfGone = (key: string): string =>
  key.startsWith("record ") ? "use after free" : "use after return";

/** A bound ends the run, and nothing is said of what would follow. */
export class Bound extends Error {}
