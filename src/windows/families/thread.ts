/** Threads: PsSetCreateThreadNotifyRoutine, and -Ex for those that are not the system's own. */
import type { FamilyShape } from "../../language/shape.ts";
import { usualTimes } from "../profiles.ts";

const rules = ["R1", "R2", "R3", "R4", "R5", "R6a", "R6b", "R7", "R8", "B1", "B2"] as const;

/**
 * Creation in the creator's thread, of system threads too (CB-T1, CB-T5). The critical region is
 * what APC-7 says of all these callbacks; their own page is silent.
 */
export const threadFamily = {
  name: "thread",
  events: ["create", "exit"],
  context: "the creating thread; on exit the thread that ends",
  irql: "PASSIVE_LEVEL",
  criticalRegion: true,
  veto: false,
  budgetUs: usualTimes.callbackUs,
  registers: "PsSetCreateThreadNotifyRoutine",
  removes: "PsRemoveCreateThreadNotifyRoutine",
  rules,
  facts: ["CB-T1", "CB-T4", "CB-T5", "CB-Q2", "CB-U2", "APC-7"],
} as const satisfies FamilyShape;

/** Creation in the new thread itself, so that the creator goes on (CB-T2). */
export const nonSystemThreadFamily = {
  name: "non-system-thread",
  events: ["create", "exit"],
  context: "the new thread; on exit the thread that ends",
  irql: "PASSIVE_LEVEL",
  criticalRegion: true,
  veto: false,
  budgetUs: usualTimes.callbackUs,
  registers: "PsSetCreateThreadNotifyRoutineEx",
  removes: "PsRemoveCreateThreadNotifyRoutine",
  rules,
  facts: ["CB-T2", "CB-T4", "CB-U2", "APC-7"],
} as const satisfies FamilyShape;
