/**
 * What a driver's objects are like: together where nothing can move any more, and each by itself in any
 * state. In words that both interpreters can say.
 */
import type { ObjectDecl } from "../../src/language/model.ts";
import { fresh } from "./context.ts";
import type { Code } from "./scenario.ts";
import type { State, Thing } from "./state.ts";
import { viewOf } from "./views.ts";

export interface Endings {
  readonly ends: readonly string[];
  readonly values: readonly string[];
  /** All states that can be reached, each in the words of `views.ts`. */
  readonly views: readonly string[];
}

/** Gathers what is said of single states. */
export function createEndings() {
  const ends = new Set<string>();
  const values = new Set<string>();
  const views = new Set<string>();
  return {
    take(view: string, objects: readonly string[], more: readonly string[], isEnd: boolean): void {
      views.add(view);
      for (const one of objects) values.add(one);
      if (isEnd) ends.add([...objects, ...more].sort().join("; "));
    },
    done: (): Endings => ({
      ends: [...ends].sort(),
      values: [...values].sort(),
      views: [...views].sort(),
    }),
  };
}

export const isTold = ({ kind }: ObjectDecl): boolean => kind !== "pointer";

export function endingsOf(
  code: Code,
  states: readonly State[],
  isEnd: (place: number) => boolean,
): Endings {
  const { scenario, registrations } = code;
  const found = createEndings();
  states.forEach((state, place) => {
    const objects = scenario.drivers.flatMap(({ objects: own, services }, d) =>
      [...own, ...services.flatMap((one) => one.objects)]
        .filter(isTold)
        .map((decl) => `${decl.name} ${wordFor(state, decl, d)}`),
    );
    found.take(
      viewOf(code, state),
      objects,
      [
        ...registrations.map(
          ({ routine }, r) => `${routine} ${state.registrations[r].on ? "on" : "off"}`,
        ),
        `dead ${Object.values(state.processes).filter(({ dead }) => dead).length}`,
      ],
      isEnd(place),
    );
  });
  return found.done();
}

export function wordFor(state: State, decl: ObjectDecl, driver: number): string {
  const it: Thing = state.things[`driver ${driver}/${decl.name}`] ?? fresh(decl);
  switch (decl.kind) {
    case "variable":
      return String(it.value ?? 0);
    case "KSEMAPHORE":
      return String(it.count ?? 0);
    case "KMUTEX":
      return `${it.owner === undefined ? 0 : (it.depth ?? 0)}`;
    case "EX_RUNDOWN_REF":
      return `${it.down === true ? "down" : "up"} ${it.count ?? 0}`;
    case "ERESOURCE":
    case "EX_PUSH_LOCK":
    case "EX_SPIN_LOCK":
      return `${it.owner === undefined ? "no" : "an"} owner, ${sum(Object.values(it.sharers ?? {}))} shares`;
    case "KQUEUE":
    case "LIST_ENTRY":
    case "IO_CSQ":
    case "FLT_PORT":
      return `${it.entries?.length ?? 0}${it.gone === true ? " gone" : ""}`;
    case "WORK_ITEM": {
      const queued = Object.values(state.pool).flatMap(({ entries }) => entries);
      return queued.some((one) => one.item === decl.name && one.driver === driver) ? "1" : "0";
    }
    default:
      if (/Event$|Timer$/.test(decl.kind)) return it.set === true ? "1" : "0";
      return it.owner === undefined ? "0" : "1";
  }
}

const sum = (all: readonly number[]): number => all.reduce((one, other) => one + other, 0);
