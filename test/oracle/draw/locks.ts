/** One lock, taken and given back by two or three routines, by every call that there is for it. */
import type { Statement } from "../../../src/language/model.ts";
import type { Scenario } from "../scenario.ts";
import { after, call, drafted, object, of, type Roll, routine, to, when } from "./draft.ts";
import { type LockPair, lockPairs } from "./lock-pairs.ts";

export function locks(roll: Roll, seed: number): Scenario {
  let results = 0;
  const result = (): string => `r${++results}`;
  const first = of(roll, lockPairs);
  const alike = lockPairs.filter(({ kind }) => kind === first.kind);
  const isTried = roll(3) === 0;
  const held = (pair: LockPair, inner: readonly Statement[], isKept: boolean): Statement[] => {
    const { take, give, param, tries, region } = pair;
    const lock = to("Lock");
    const asks = tries === "always" || (tries === "Wait" && isTried);
    const name = asks || pair.kind === "KMUTEX" ? result() : undefined;
    const patience = take.startsWith("KeWait") && roll(4) === 0 ? { Timeout: after(1000) } : {};
    const taken = call(
      take,
      { [param]: lock, ...(asks && tries === "Wait" ? { Wait: "FALSE" } : {}), ...patience },
      name,
    );
    const given = isKept ? [] : [call(give, { [param === "Object" ? "Mutex" : param]: lock })];
    const convert = pair.kind === "ERESOURCE" && take.includes("Exclusive") && roll(3) === 0;
    const body = [
      ...(convert ? [call("ExConvertExclusiveToSharedLite", { Resource: lock })] : []),
      ...inner,
      ...given,
    ];
    const isGuarded = asks || Object.keys(patience).length > 0;
    const guarded =
      isGuarded && name !== undefined
        ? [taken, when({ kind: "result", of: name, is: "success" }, body)]
        : [taken, ...body];
    return region === true
      ? [call("KeEnterCriticalRegion"), ...guarded, call("KeLeaveCriticalRegion")]
      : guarded;
  };
  const step = (pair: LockPair, depth: number): Statement[] =>
    of(roll, [
      () => [call("KeSetEvent", { Event: to("Done") })],
      () => [call("KeWaitForSingleObject", { Object: to("Done"), Timeout: after(0) }, result())],
      () => [call("KeWaitForSingleObject", { Object: to("Done") }, result())],
      () => [call("InterlockedIncrement", { Target: to("Count") }, result())],
      () => (depth > 0 ? held(of(roll, alike), [], false) : held(pair, step(pair, 1), false)),
      () => [],
    ])();
  const body = (isKept = false): Statement[] => {
    const pair = of(roll, alike);
    return held(pair, step(pair, roll(2)), isKept);
  };
  const other = of(roll, ["Item", "Thread", "Second", "none"] as const);
  const starts: Record<string, readonly Statement[]> = {
    Item: [
      call("ExQueueWorkItem", { WorkItem: { routine: "Item" }, QueueType: "DelayedWorkQueue" }),
    ],
    Thread: [call("PsCreateSystemThread", { StartRoutine: { routine: "Thread" } })],
  };
  const family = of(roll, ["process-create", "thread-create", "image-exe", "process-exit"]);
  return drafted(
    seed,
    {
      objects: [
        object("Lock", first.kind),
        object("Done", of(roll, ["NotificationEvent", "SynchronizationEvent"] as const)),
        object("Count", "variable"),
      ],
      routines: [
        routine("callback", "OnEvent", [
          ...(starts[other] ?? []),
          ...held(first, step(first, 0), roll(12) === 0),
        ]),
        ...(other === "Item" ? [routine("workItem", "Item", body())] : []),
        // Now and then a thread ends with the lock.
        ...(other === "Thread" ? [routine("systemThread", "Thread", body(roll(2) === 0))] : []),
        ...(other === "Second" ? [routine("callback", "OnSecond", body())] : []),
      ],
      registrations: [
        { family, routine: "OnEvent" },
        ...(other === "Second"
          ? [{ family: of(roll, [family, "thread-exit", "image-ntdll"]), routine: "OnSecond" }]
          : []),
      ],
    },
    Array.from({ length: other === "none" ? 2 : 1 + (roll(4) === 0 ? 1 : 0) }, () => [
      of(roll, ["create", "create and exit"]),
    ]),
  );
}
