/** Images: PsSetLoadImageNotifyRoutine (CB-I1 to CB-I3). */
import type { FamilyShape } from "../../language/shape.ts";
import { usualTimes } from "../profiles.ts";

export const imageFamily = {
  name: "image",
  events: ["exe", "ntdll", "dll", "driver"],
  context: "the thread that maps the image; for a driver image a system worker thread",
  irql: "PASSIVE_LEVEL",
  criticalRegion: true,
  specialApcs: "sometimes off",
  veto: false,
  forbids: { userVm: "imageCallbackTouchesUserVm" },
  noun: "image load",
  budgetUs: usualTimes.callbackUs,
  registers: "PsSetLoadImageNotifyRoutine",
  removes: "PsRemoveLoadImageNotifyRoutine",
  rules: ["R1", "R2", "R3", "R4", "R5", "R6a", "R6b", "R7", "R8", "B1", "B2", "B3"],
  facts: ["CB-I1", "CB-I2", "CB-I3", "CB-L1", "CB-U2", "CB-Q3"],
} as const satisfies FamilyShape;

export type ImageEvent = (typeof imageFamily.events)[number];
