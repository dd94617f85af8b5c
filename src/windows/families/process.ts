/** Process creation and exit: PsSetCreateProcessNotifyRoutine, -Ex, -Ex2 (CB-P1 to CB-P4). */
import type { FamilyShape } from "../../language/shape.ts";
import { usualTimes } from "../profiles.ts";

export const processFamily = {
  name: "process",
  events: ["create", "exit"],
  context: "the creating thread; on exit the last thread of the process",
  irql: "PASSIVE_LEVEL",
  criticalRegion: true,
  veto: true,
  budgetUs: usualTimes.callbackUs,
  registers: "PsSetCreateProcessNotifyRoutineEx",
  removes: "PsSetCreateProcessNotifyRoutineEx",
  rules: ["R1", "R2", "R3", "R4", "R5", "R6a", "R6b", "R7", "R8", "B1", "B2"],
  facts: ["CB-P1", "CB-P2", "CB-P3", "CB-P4", "CB-U1", "CB-Q3", "CB-Q5", "CB-Q7", "CB-Q8"],
} as const satisfies FamilyShape;
