/** How the objects of drivers stand in the code under test, in the words of `words.ts`. */
import type { ObjectDecl } from "../../src/language/model.ts";
import { E, F, isRef, Q, refTo, Status, stale, T, Tag } from "../../src/machine/layout.ts";
import type { Machine } from "../../src/machine/machine.ts";
import { sharersMax } from "../../src/machine/objects/shared-lock.ts";
import type { Program } from "../../src/machine/program.ts";
import type { Scenario } from "./scenario.ts";
import { causesWord, freshWord, isOwn, lockWord } from "./words.ts";

/** What a machine of this program says of the objects that the drivers declare. */
export function objectsIn(
  program: Program,
  { drivers }: Scenario,
): (m: Machine) => readonly string[] {
  const declared = new Map<string, ObjectDecl>();
  for (const { objects, services, routines, perProcess } of drivers) {
    const once = [...objects, ...services.flatMap((one) => one.objects)];
    for (const decl of [...once, ...perProcess, ...routines.flatMap(({ locals }) => locals)])
      if (isOwn(decl)) declared.set(decl.name, decl);
  }
  const once = [...program.objects].filter(([, { name }]) => declared.has(name));
  const each = [...program.processObjects].filter(([, { name }]) => declared.has(name));
  const locals = new Map<number, { at: number; name: string; kind: string }[]>();
  for (const [place, { name, kind }] of program.frameObjects) {
    const [routine, at] = place.split(":").map(Number);
    if (!declared.has(name)) continue;
    locals.set(routine, [...(locals.get(routine) ?? []), { at, name, kind }]);
  }
  return (m) => [
    ...once.map(([at, { name, kind }]) => `${name} ${wordAt(m, at, kind)}`),
    ...framesOf(m).flatMap((frame) =>
      (locals.get(m.words[frame + F.routine] - 1) ?? []).map(
        ({ at, name, kind }) => `${name} ${wordAt(m, frame + at, kind)}`,
      ),
    ),
    ...program.processes.flatMap(({ base }) =>
      each.flatMap(([at, { name, kind }]) => {
        const decl = declared.get(name);
        const word = wordAt(m, base + at, kind);
        return decl === undefined || word === freshWord(decl) ? [] : [`${name} ${word}`];
      }),
    ),
  ];
}

function framesOf({ program, words }: Machine): number[] {
  const frames: number[] = [];
  for (const base of program.threadBase) {
    if (words[base] !== Status.ready && words[base] !== Status.waiting) continue;
    for (let f = words[base + T.frame]; f !== 0; f = words[base + f + F.caller])
      frames.push(base + f);
  }
  return frames;
}

/**
 * What an object of a driver's is called that somebody waits for; of processes and threads, which of
 * the two; of what no driver has, nothing.
 */
export function nameAt({ program, words }: Pick<Machine, "program" | "words">, at: number): string {
  const { objects, processObjects, frameObjects, processes, threadBase, threadWords } = program;
  if (words[at] === Tag.process || at === program.outsideProcess) return "process";
  if (threadBase.includes(at)) return "thread";
  // Of a record's field, the field.
  const known = objects.get(at);
  if (known !== undefined)
    return known.owner === "Windows" ? "" : known.name.slice(known.name.lastIndexOf(".") + 1);
  for (const { base } of processes) {
    const name = processObjects.get(at - base)?.name;
    if (name !== undefined) return name;
  }
  const base = threadBase.find((one) => one <= at && at < one + threadWords) ?? 0;
  for (let f = words[base + T.frame]; base > 0 && f !== 0; f = words[base + f + F.caller]) {
    const name = frameObjects.get(`${words[base + f + F.routine] - 1}:${at - base - f}`)?.name;
    if (name !== undefined) return name;
  }
  return "something";
}

function wordAt(m: Machine, at: number, kind: string): string {
  const { words } = m;
  if (kind === "variable") return String(words[at]);
  if (kind !== "pointer" && kind !== "PETHREAD") return valueAt(m, at);
  // Both kinds of references to what has gone follow each other.
  if (words[at] === stale || words[at] === stale + 1) return "gone";
  return isRef(words[at]) ? "set" : "-";
}

const entriesWord = (words: Int32Array, at: number): string =>
  causesWord(
    Array.from({ length: words[at + Q.count] }, (_, i) => ({
      causes: words[at + Q.entries + i * E.size + E.cause],
    })),
  );

function valueAt({ program, words }: Machine, at: number): string {
  const first = words[at + 1];
  switch (words[at]) {
    case Tag.semaphore:
      return String(first === 0 ? 0 : -first);
    case Tag.mutex:
      return String(words[at + 2]);
    case Tag.rundown:
      return `${first !== 0 ? "down" : "up"} ${words[at + 2]}`;
    case Tag.resource:
    case Tag.pushLock:
    case Tag.sharedSpinLock: {
      // Of an EX_SPIN_LOCK the second word of a sharer is no depth.
      const isSpin = words[at] === Tag.sharedSpinLock;
      let shares = 0;
      for (let i = 0; i < sharersMax; i++)
        if (words[at + 3 + 2 * i] !== 0) shares += isSpin ? 1 : words[at + 4 + 2 * i];
      const line = [...program.threadBase].filter(
        (base) => words[base + T.line] !== 0 && words[base + T.waitObject] === refTo(at),
      );
      return lockWord(first !== 0, shares, line.length);
    }
    case Tag.queue:
    case Tag.list:
    case Tag.csq:
      return entriesWord(words, at);
    case Tag.port:
      return `${entriesWord(words, at)}${words[at + Q.flag] !== 0 ? " gone" : ""}`;
    default:
      return first !== 0 ? "1" : "0";
  }
}
