/** Whether a call fails is a step of its own in time, too (sections 3 and 7). */
import { expect, it } from "vitest";
import { call, drafted, routine } from "../draw/draft.ts";
import { agreed } from "./agreed.ts";

it("whether a registration fails is a step ahead of it, which others can come between", () => {
  const set = { NotifyRoutine: { routine: "OnEvent" } };
  const one = drafted(
    1,
    {
      routines: [
        routine("callback", "OnEvent", [call("DbgPrint")]),
        routine("entry", "DriverEntry", [
          call("ZwCreateUserProcess"),
          call("PsSetCreateThreadNotifyRoutineEx", set, "set"),
        ]),
      ],
      registrations: [{ family: "non-system-thread-create", routine: "OnEvent" }],
    },
    [["create"]],
    { startup: "failing" },
  );
  // The end of the callback, whose code can go, is a step that can be skew.
  expect(agreed(one, "callback")).toEqual([0, 1]);
});
