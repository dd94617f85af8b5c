/**
 * A run of the code under test, step by step the long way: what it tells of each step has to be what
 * the states before and behind it say.
 */
import { type EffectWatch, forgetEffects } from "../../src/judge/effects.ts";
import { enabled } from "../../src/machine/enabled.ts";
import { H, Status, T } from "../../src/machine/layout.ts";
import { Event, type Machine, reset, siteAt } from "../../src/machine/machine.ts";
import { RootKind } from "../../src/machine/opcodes.ts";
import { begin, step } from "../../src/machine/step.ts";
import { leftIn } from "./adapter-promises.ts";
import { isLeaving } from "./adapter-views.ts";

export interface Followed {
  readonly m: Machine;
  /** Of the whole run, as text. */
  readonly effects: string;
  readonly mistold: readonly string[];
}

const names = new Map<number, string>(Object.entries(Event).map(([name, kind]) => [kind, name]));
/** What is told of a thread while it stands where it is told of. */
const inPlace: readonly number[] = [Event.step, Event.blocked, Event.woken];
/** Of these a thread's code has gone on meanwhile, to something of the same place. */
const ofSite: readonly number[] = [Event.rootBegin, Event.rootEnd, Event.rested];

const ofRoots: readonly number[] = [Event.rootBegin, Event.rootEnd];

interface Standing {
  readonly isBlocked: boolean;
  readonly roots: number;
  /** Its roots have ended untold. */
  readonly isLeaving: boolean;
}

/** Who waits, or stands in line for a lock, and what each has open. */
const standing = ({ program, words }: Machine): Standing[] =>
  Array.from(program.threadBase, (base) => ({
    isBlocked: words[base] === Status.waiting || words[base + T.line] !== 0,
    roots: words[base + T.roots] + words[base + T.items],
    isLeaving: isLeaving(words[base + T.flags]) || words[base] === Status.ended,
  }));

/** Of so many steps one is looked at for what is left of what is gone. */
const leftEvery = 8;

function noteLeft(m: Machine, mistold: Set<string>): void {
  const left = leftIn(m);
  if (left !== undefined) mistold.add(`left ${left}`);
}

/** These end where they have begun: told at one place. */
const inOnePlace: readonly number[] = [RootKind.event, RootKind.callback, RootKind.operation];

export function followed(m: Machine, watch: EffectWatch, codes: readonly number[]): Followed {
  const mistold = new Set<string>();
  const { sites, threads } = m.program;
  const begun = threads.map((): number[] => []);
  let told: (readonly [kind: number, thread: number])[] = [];
  m.observer = (kind, thread, site, a, b) => {
    // Nobody is owed what a service asks for.
    if (!ofRoots.includes(kind) || a !== RootKind.request) told.push([kind, thread]);
    if (ofRoots.includes(kind) && inOnePlace.includes(a)) {
      if (kind === Event.rootBegin) begun[thread].push(site);
      else if (begun[thread].pop() !== site)
        mistold.add(`an end elsewhere than at ${sites[site]?.text}`);
    }
    if (inPlace.includes(kind) && site !== siteAt(m, thread))
      mistold.add(`${names.get(kind)} at ${sites[site]?.text} (${sites[site]?.opId})`);
    if (ofSite.includes(kind) && sites[site] === undefined)
      mistold.add(`${names.get(kind)} nowhere`);
    watch.observer(kind, thread, site, a, b);
  };
  forgetEffects(watch);
  reset(m);
  begin(m);
  let before = standing(m);
  for (const [moment, code] of codes.entries()) {
    enabled(m);
    const index = m.codes.subarray(0, m.count).indexOf(code);
    if (index < 0) {
      mistold.add("a transition that is not enabled");
      break;
    }
    told = [];
    watch.moment = moment + 1;
    step(m, code, m.times[index]);
    const behind = standing(m);
    if (m.words[H.crash] !== 0 || m.words[H.bound] !== 0) {
      const end = m.words[H.crash] !== 0 ? Event.crash : Event.bound;
      if (!told.some(([kind]) => kind === end)) mistold.add("a run that ends untold");
      break;
    }
    for (const t of threads.keys()) {
      const count = (kind: number): number =>
        told.filter(([one, thread]) => one === kind && thread === t).length;
      if (behind[t].isBlocked && !before[t].isBlocked && count(Event.blocked) !== 1)
        mistold.add(`who waits from here on, at ${sites[siteAt(m, t)].opId}`);
      const opened = count(Event.rootBegin) - count(Event.rootEnd);
      if (opened !== behind[t].roots - before[t].roots && !behind[t].isLeaving)
        mistold.add(`what is owed behind ${sites[siteAt(m, t)].opId}`);
      if (count(Event.woken) > 0 && behind[t].isBlocked && count(Event.blocked) === 0)
        mistold.add(`who goes on, at ${sites[siteAt(m, t)].opId}`);
    }
    if (moment % leftEvery === 0) noteLeft(m, mistold);
    before = behind;
  }
  if (m.words[H.crash] === 0 && m.words[H.bound] === 0) noteLeft(m, mistold);
  m.observer = null;
  return { m, effects: [...watch.evidence.keys()].sort().join(), mistold: [...mistold] };
}
