/** Timers of which one goes before another that was due earlier, within the skew (section 15). */
import { expect, it } from "vitest";
import type { Statement } from "../../../src/language/model.ts";
import { after, call, drafted, object, routine, to } from "../draw/draft.ts";
import { agreed } from "./agreed.ts";

const sets = (name: string): Statement =>
  call("KeSetTimerEx", { Timer: to(name), DueTime: after(2_000), Period: after(0) });

/** These timers are set, and the last one is waited for. */
const waiting = (...names: readonly string[]) =>
  drafted(
    1,
    {
      objects: [object("First", "NotificationTimer"), object("Second", "NotificationTimer")],
      routines: [
        routine("callback", "OnEvent", [
          ...names.map(sets),
          call("KeWaitForSingleObject", { Object: to(names.at(-1) ?? "") }),
        ]),
      ],
      registrations: [{ family: "process-create", routine: "OnEvent" }],
    },
    [["create"]],
  );

it("a timer falls due at its own time, whichever other one went before it", () => {
  expect(agreed(waiting("First", "Second"), "callback")).toEqual([2_001, 2_002]);
});

it("one timer alone falls due when it is due", () => {
  expect(agreed(waiting("First"), "callback")).toEqual([2_001]);
});
