/** Work items and system threads that are handed a record, an event of their queuer's, the driver's or a record's (W20). */
import type { ObjectDecl, Operand, Statement } from "../../../src/language/model.ts";
import type { Scenario } from "../scenario.ts";
import { after, call, drafted, object, of, type Roll, routine, some, to, when } from "./draft.ts";

const queueing = [
  "IoQueueWorkItem",
  "ExQueueWorkItem",
  "FltQueueGenericWorkItem",
  "FltQueueDeferredIoWorkItem",
];

const record = { record: "Entry" } as const;

export function handed(roll: Roll, seed: number): Scenario {
  const event = of(roll, ["NotificationEvent", "SynchronizationEvent"] as const);
  const takesRecord = roll(2) === 0;
  const isShared = roll(3) === 0;
  const pointer = isShared ? "Shared" : "Mine";
  const context: ObjectDecl = takesRecord
    ? object("Context", "pointer", { ...record, context: true })
    : object("Context", event, { context: true });
  const given = (): Operand =>
    takesRecord
      ? to(pointer)
      : of<Operand>(roll, [to("Local"), to("Done"), { ref: pointer, field: "Ready" }, to("Local")]);
  const isThread = roll(4) === 0;
  const isWithin = isThread || roll(2) === 0;
  const queue = (): Statement => (isThread ? started() : queued());
  const maybeGiven = (): object => (roll(8) === 0 ? {} : { Context: given() });
  const started = (): Statement =>
    call("PsCreateSystemThread", { StartRoutine: { routine: "Taker" }, ...maybeGiven() });
  const queued = (): Statement =>
    call(of(roll, queueing), {
      WorkItem: isWithin ? { routine: "Taker" } : to("Taker"),
      QueueType: "DelayedWorkQueue",
      ...maybeGiven(),
    });
  const ready: Operand = takesRecord ? { ref: "Context", field: "Ready" } : to("Context");
  const taken: Statement[] = some(
    roll,
    [
      () => call("KeSetEvent", { Event: ready }),
      () => call("KeSetEvent", { Event: ready }),
      () => call("KeClearEvent", { Event: ready }),
      () =>
        call("KeWaitForSingleObject", {
          Object: ready,
          ...(roll(2) === 0 ? {} : { Timeout: after(1000) }),
        }),
      () =>
        takesRecord
          ? call("ObDereferenceObject", { Entry: to("Context") })
          : call("KeSetEvent", { Event: to("Done") }),
    ],
    2,
  ).map((one) => one());
  const mine = (field?: string): Operand => ({
    ref: pointer,
    ...(field === undefined ? {} : { field }),
  });
  const rest: Statement[] = some(
    roll,
    [
      () => call("ObDereferenceObject", { Entry: mine() }),
      () => call("ObDereferenceObject", { Entry: mine() }),
      () =>
        call("KeWaitForSingleObject", {
          Object: mine("Ready"),
          ...(roll(2) === 0 ? {} : { Timeout: after(1000) }),
        }),
      () =>
        call("KeWaitForSingleObject", {
          Object: of(roll, [to("Local"), to("Done")]),
          ...(roll(2) === 0 ? {} : { Timeout: after(1000) }),
        }),
      queue,
    ],
    2,
  ).map((one) => one());
  const body: Statement[] = [
    call("ExAllocateFromLookasideListEx", { Entry: mine() }, "got"),
    when({ kind: "result", of: "got", is: "success" }, [
      ...(roll(2) === 0 ? [call("ObReferenceObject", { Entry: mine() })] : []),
      queue(),
      ...rest,
    ]),
  ];
  return drafted(
    seed,
    {
      objects: [
        object("Done", event),
        object("Shared", "pointer", record),
        ...(isWithin ? [] : [object("Taker", "WORK_ITEM", { routine: "Taker" })]),
      ],
      records: [{ name: "Entry", fields: [object("Ready", event)], max: 2 }],
      routines: [
        routine("callback", "OnCreate", body, {
          locals: [object("Mine", "pointer", record), object("Local", event)],
        }),
        routine(isThread ? "systemThread" : "workItem", "Taker", taken, {
          locals: [context],
          ...(isWithin ? { within: "OnCreate" } : {}),
        }),
      ],
      registrations: [{ family: "process-create", routine: "OnCreate" }],
    },
    Array.from({ length: 1 + (roll(4) === 0 ? 1 : 0) }, () => ["create"]),
    { startup: of(roll, ["before", "before", "failing"]) },
  );
}
