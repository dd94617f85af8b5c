/** What a thread waits for, as facts: of what kind the wait is, and on which objects. */
import { T, Tag, waitFlags } from "../machine/layout.ts";
import { baseOf, type Machine } from "../machine/machine.ts";
import { isSignalled, wanted } from "../machine/waits.ts";
import { satisfiersOf } from "./enders.ts";
import type { Wait, WaitedObject, WaitKind } from "./finding.ts";
import type { Names } from "./instances.ts";
import { isPipe, objectAt } from "./objects.ts";
import type { Polling } from "./poll.ts";
import { asksToShare, type Waiting } from "./wait-for.ts";

export function waitFacts(m: Machine, waiting: Polling, names: Names): Wait {
  const all = needsAll(m, waiting);
  const lacking = lackingOf(m, waiting);
  const kinds = lacking.map((object) => kindOf(m, waiting.what, object));
  const kind = kindOfAll(waiting.what, kinds);
  const owned = kind === "lock" && waiting.what === "lock";
  return {
    kind,
    ...(owned ? { mode: asksToShare(m, waiting.thread) ? "shared" : "exclusive" } : {}),
    ...(all ? { all } : {}),
    // What has no room is the pipe.
    objects: lacking.map((address) =>
      waitedObject(m, kind === "room" ? m.words[address + 2] : address, names),
    ),
    ...(kind === "other" ? { each: kinds } : {}),
  };
}

const needsAll = (m: Machine, { thread, what, objects }: Polling): boolean =>
  what === "object" &&
  objects.length > 1 &&
  (m.words[baseOf(m, thread) + T.wait] & waitFlags.all) !== 0;

/**
 * What a wait lacks: any of its objects; of one that needs all, those that are not signalled, and
 * of these the ones that nobody would signal, if there are such.
 */
export function lackingOf(m: Machine, waiting: Polling): readonly number[] {
  if (!needsAll(m, waiting)) return waiting.objects;
  const lacking = waiting.objects.filter((address) => !isSignalled(m, address, waiting.thread));
  const hopeless = lacking.filter((address) => satisfiersOf(m, waiting, address).length === 0);
  return hopeless.length > 0 ? hopeless : lacking;
}

export function waitedObject(m: Machine, address: number, names: Names): WaitedObject {
  const { kind, name, owner, process } = objectAt(m, address);
  if (process !== undefined) return { kind, name, owner, process };
  const named = { kind, name: names.object(address), owner };
  return isPipe(m, address) ? { ...named, isPipe: true } : named;
}

const kindsOfWhat: Readonly<Partial<Record<Waiting["what"], WaitKind>>> = {
  time: "forever",
  rundown: "rundown",
  lock: "lock",
};

/** Of a wait for objects of several kinds, what ends it is no one thing. */
function kindOfAll(what: Waiting["what"], kinds: readonly WaitKind[]): WaitKind {
  const known = kindsOfWhat[what];
  if (known !== undefined) return known;
  const [first, ...others] = kinds;
  return others.every((kind) => kind === first) ? first : "other";
}

function kindOf(m: Machine, what: Waiting["what"], first: number): WaitKind {
  const tag = m.words[first];
  if (what === "entry") return tag === Tag.port ? "message" : "entry";
  const { kind } = objectAt(m, first);
  if (kind === "message" && m.words[m.words[first + 2]] !== Tag.port) return "irp";
  if (kind === "message" && m.words[first + 3] !== wanted.reply)
    return m.words[first + 3] === wanted.fetch ? "fetch" : "room";
  // A variable's value is no tag.
  const named = kindsOfDeclared[kind];
  if (named !== undefined) return named;
  if (m.program.dpcQueues.includes(first)) return "dpcs";
  return kindsOfTag[tag] ?? "other";
}

const kindsOfDeclared: Readonly<Record<string, WaitKind>> = {
  variable: "variable",
  completion: "completion",
  dialog: "dialog",
  message: "reply",
  process: "processEnd",
  thread: "threadEnd",
};

const kindsOfTag: Readonly<Record<number, WaitKind>> = {
  [Tag.notificationEvent]: "event",
  [Tag.synchronizationEvent]: "event",
  [Tag.notificationTimer]: "timer",
  [Tag.synchronizationTimer]: "timer",
  [Tag.semaphore]: "semaphore",
  [Tag.mutex]: "lock",
  [Tag.process]: "processEnd",
};
