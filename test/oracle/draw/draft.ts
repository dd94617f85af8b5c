/** What scenarios are drawn with. */
import type { DriverModel, ObjectDecl, Routine, Statement } from "../../../src/language/model.ts";
import type { Scenario, World } from "../scenario.ts";

/** A seeded generator of its own: the same seed gives the same scenarios. */
export function dice(seed: number): (n: number) => number {
  let a = seed >>> 0;
  return (n) => {
    a = (a + 0x6d2b79f5) >>> 0;
    let t = Math.imul(a ^ (a >>> 15), a | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 2 ** 32) * n);
  };
}

export type Roll = (n: number) => number;
export const of = <T>(roll: Roll, list: readonly T[]): T => list[roll(list.length)];
export const call = (api: string, args: object = {}, result?: string): Statement => ({
  kind: "call",
  api,
  args: args as never,
  ...(result === undefined ? {} : { result }),
});
export const to = (name: string) => ({ ref: name });

export const after = (us: number | "none") => ({ timeout: us });
export const object = (name: string, kind: ObjectDecl["kind"], more: object = {}): ObjectDecl => ({
  name,
  kind,
  ...more,
});
export const routine = (
  role: Routine["role"],
  name: string,
  body: readonly Statement[],
  more: Partial<Routine> = {},
): Routine => ({ name, role, locals: [], body, ...more });

/** Some of a list, in its order or another, up to so many. */
export const some = <T>(roll: Roll, list: readonly T[], max: number): T[] =>
  Array.from({ length: 1 + roll(max) }, () => of(roll, list));

export const when = (
  test: Extract<Statement, { kind: "if" }>["test"],
  then: readonly Statement[],
  otherwise?: readonly Statement[],
): Statement => ({
  kind: "if",
  test,
  then,
  ...(otherwise === undefined ? {} : { else: otherwise }),
});

/** A driver and a world around it, of which parts are given. */
export function drafted(
  seed: number,
  driver: Partial<DriverModel>,
  does: readonly (readonly string[])[],
  world: Partial<World> = {},
): Scenario {
  return {
    drivers: [
      {
        loophole: "driver",
        version: 1,
        name: "drawn",
        objects: [],
        perProcess: [],
        records: [],
        settings: [],
        conditions: [],
        routines: [],
        registrations: [],
        services: [],
        ...driver,
      },
    ],
    world: {
      name: `drawn ${seed}`,
      workload: does.map((list, i) => ({ name: `user${i + 1}`, does: list })),
      pool: { profile: "tiny", load: "idle" },
      service: { condition: "well" },
      startup: "before",
      removal: "none",
      ...world,
    },
  };
}
