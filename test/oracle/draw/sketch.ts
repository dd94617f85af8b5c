/** What sketches of small scenarios share. */
import type { Statement } from "../../../src/language/model.ts";
import type { Scenario } from "../scenario.ts";
import { call, of, type Roll, when } from "./draft.ts";

export type Sketch = (roll: Roll, seed: number) => Scenario;

export const onEvent = (roll: Roll) => [
  { family: of(roll, ["process-create", "image-exe", "process-exit"]), routine: "OnEvent" },
];
export const user = (roll: Roll) => [[of(roll, ["create", "create and exit"])]];
export const starts = (name: string): Statement =>
  call("PsCreateSystemThread", { StartRoutine: { routine: name } });
export const succeeded = (result: string, then: readonly Statement[]): Statement =>
  when({ kind: "result", of: result, is: "success" }, then);
