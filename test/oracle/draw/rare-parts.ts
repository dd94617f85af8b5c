/** What the rare scenarios share: their shape, and the events that they are about. */
import type { DriverModel, Statement } from "../../../src/language/model.ts";
import type { World } from "../scenario.ts";
import { call, object, of, type Roll } from "./draft.ts";

export interface RareSketch {
  readonly driver: Partial<DriverModel>;
  readonly does?: readonly (readonly string[])[];
  readonly world?: Partial<World>;
}

export const creates = (roll: Roll): string =>
  of(roll, ["process-create", "thread-create", "image-exe", "process-exit", "thread-exit"]);
export const onEvent = (roll: Roll) => [{ family: creates(roll), routine: "OnEvent" }];
/** Of events that the threads which a callback starts do not raise again. */
export const onProcess = (roll: Roll) => [
  { family: of(roll, ["process-create", "image-exe", "process-exit"]), routine: "OnEvent" },
];
export const starts = (name: string): Statement =>
  call("PsCreateSystemThread", { StartRoutine: { routine: name } });
export const oneUser = (roll: Roll) => [[of(roll, ["create", "create and exit"])]];

export const aService = (...threads: readonly string[]) => [
  {
    name: "Service",
    objects: [object("Gate", "SynchronizationEvent")],
    threads: threads.map((name) => ({ routine: name, count: 1 })),
  },
];
