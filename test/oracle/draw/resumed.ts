/** Processes that are suspended and resumed, in any order and more than once (APC-6, SV-41). */
import type { Operand, Statement } from "../../../src/language/model.ts";
import type { Scenario } from "../scenario.ts";
import { after, call, drafted, object, of, type Roll, routine, some, to } from "./draft.ts";

const set = call("KeSetEvent", { Event: to("Event") });

function does(roll: Roll, whom: readonly Operand[]): Statement {
  const Process = of(roll, whom);
  return of(roll, [
    () => call("PsSuspendProcess", { Process }),
    () => call("PsResumeProcess", { Process }),
    () => call("PsResumeProcess", { Process }),
    () => set,
    () => call("KeWaitForSingleObject", { Object: to("Event"), Timeout: after(1000) }),
    () => call("KeEnterCriticalRegion"),
    () => call("KeLeaveCriticalRegion"),
  ])();
}

export function resumed(roll: Roll, seed: number): Scenario {
  const isServed = roll(2) === 0;
  const whom: Operand[] = [
    { process: "subject" },
    { process: "current" },
    ...(isServed ? [{ process: "service" } as const, { process: "service" } as const] : []),
  ];
  const body = (): Statement[] =>
    some(roll, [0, 1, 2], 3)
      .map(() => does(roll, whom))
      .filter(({ kind }, i, all) => kind === "call" && isBalanced(all.slice(0, i + 1)));
  const asked = [does(roll, [{ process: "current" }]), set].filter(
    (one) => one.kind === "call" && !/Region/.test(one.api),
  );
  return drafted(
    seed,
    {
      objects: [object("Event", of(roll, ["NotificationEvent", "SynchronizationEvent"]))],
      routines: [
        routine("callback", "OnEvent", body()),
        routine("callback", "OnExit", body()),
        ...(isServed
          ? [
              routine("request", "Ask", asked),
              routine("userThread", "Serve", [
                call("DeviceIoControl", { Request: { routine: "Ask" } }),
                ...(roll(2) === 0 ? [call("SetEvent", { Event: to("Event") })] : []),
              ]),
            ]
          : []),
      ],
      registrations: [
        { family: of(roll, ["process-create", "thread-create", "image-exe"]), routine: "OnEvent" },
        { family: "process-exit", routine: "OnExit" },
      ],
      services: isServed
        ? [{ name: "Agent", objects: [], threads: [{ routine: "Serve", count: 1 }] }]
        : [],
    },
    [[of(roll, ["create", "create and exit", "create and wait"])]],
    { service: { condition: of(roll, ["well", "well", "target"]) } },
  );
}

/** No region is left that was not entered. */
function isBalanced(body: readonly Statement[]): boolean {
  let depth = 0;
  for (const one of body) {
    if (one.kind !== "call") continue;
    if (one.api === "KeEnterCriticalRegion") depth++;
    if (one.api === "KeLeaveCriticalRegion" && --depth < 0) return false;
  }
  return true;
}
