/**
 * Scenarios at random: a driver whose callback, work item and service take locks, signal, wait,
 * queue, ask and poll in every order, in a small world. Most are wrong in some way, which is the
 * point; all are ones that an author could write.
 */
import fc from "fast-check";
import type {
  Body,
  DriverModel,
  ObjectDecl,
  ObjectKind,
  Routine,
  Statement,
} from "../../../src/language/model.ts";
import type { Scenario, World } from "../../../src/windows/scenario.ts";
import { call, emptyDriver, forever, ref, timeout, when } from "./bodies.ts";
import { users, worldWith } from "./worlds.ts";

const lockKinds = ["KMUTEX", "FAST_MUTEX", "EX_PUSH_LOCK", "ERESOURCE", "WDFWAITLOCK"] as const;
type LockKind = (typeof lockKinds)[number];

type Patience = number | "none";

type Step =
  | { readonly kind: "lock"; readonly which: number; readonly steps: readonly Step[] }
  | { readonly kind: "maybe"; readonly steps: readonly Step[] }
  | { readonly kind: "wait"; readonly which: number; readonly us: Patience }
  | { readonly kind: "set" | "reset"; readonly which: number }
  | { readonly kind: "poll"; readonly limit: number | null }
  | { readonly kind: "ask" | "done"; readonly us: Patience }
  | { readonly kind: "count" | "queue" | "create" | "sleep" | "thread" };

/** What a driver is made of; bodies do what their thread can. */
export interface Plan {
  readonly locks: readonly [LockKind, LockKind];
  readonly event: "NotificationEvent" | "SynchronizationEvent";
  readonly onCreate: readonly Step[];
  readonly onExit: readonly Step[];
  readonly item: readonly Step[];
  readonly own: readonly Step[];
  readonly service: readonly Step[];
  readonly serviceThreads: number;
}

const locks: Readonly<Record<LockKind, (name: string) => readonly [Statement, Statement]>> = {
  KMUTEX: (name) => [
    call("KeWaitForSingleObject", { Object: ref(name) }),
    call("KeReleaseMutex", { Mutex: ref(name) }),
  ],
  FAST_MUTEX: (name) => [
    call("ExAcquireFastMutex", { FastMutex: ref(name) }),
    call("ExReleaseFastMutex", { FastMutex: ref(name) }),
  ],
  EX_PUSH_LOCK: (name) => [
    call("ExAcquirePushLockShared", { PushLock: ref(name) }),
    call("ExReleasePushLockShared", { PushLock: ref(name) }),
  ],
  ERESOURCE: (name) => [
    call("ExAcquireResourceExclusiveLite", { Resource: ref(name) }),
    call("ExReleaseResourceLite", { Resource: ref(name) }),
  ],
  WDFWAITLOCK: (name) => [
    call("WdfWaitLockAcquire", { Lock: ref(name) }),
    call("WdfWaitLockRelease", { Lock: ref(name) }),
  ],
};

/** Which routine a body is of: it says what the steps can reach there. */
interface Place {
  readonly plan: Plan;
  readonly role: "callback" | "item" | "thread" | "service";
  /** The event of the callback's stack, where it is in reach. */
  readonly hasDone: boolean;
}

function bodyOf(steps: readonly Step[], place: Place): Body {
  return steps.flatMap((step) => statementsOf(step, place));
}

const shared = (which: number): string => `Shared${which}`;

function statementsOf(step: Step, place: Place): Body {
  const kernel = place.role !== "service";
  switch (step.kind) {
    case "lock": {
      const inside = bodyOf(step.steps, place);
      if (!kernel) {
        return [
          call("EnterCriticalSection", { Section: ref("Section") }),
          ...inside,
          call("LeaveCriticalSection", { Section: ref("Section") }),
        ];
      }
      const [take, giveBack] = locks[place.plan.locks[step.which]](`Lock${step.which}`);
      return [take, ...inside, giveBack];
    }
    case "maybe":
      return [when({ kind: "opaque", name: "Luck" }, bodyOf(step.steps, place))];
    case "wait": {
      const api = kernel ? "KeWaitForSingleObject" : "WaitForSingleObject";
      const object = { [kernel ? "Object" : "Handle"]: ref(shared(step.which)) };
      return [call(api, { ...object, Timeout: timeout(step.us) })];
    }
    case "set":
      return [call(kernel ? "KeSetEvent" : "SetEvent", { Event: ref(shared(step.which)) })];
    case "reset":
      return [call(kernel ? "KeResetEvent" : "ResetEvent", { Event: ref(shared(step.which)) })];
    case "poll":
      if (!kernel) return [];
      return [
        {
          kind: "poll",
          until: { kind: "compare", variable: ref("Count"), op: ">=", value: 1 },
          body: [call("KeDelayExecutionThread", { Interval: timeout(10_000) })],
          limit: step.limit,
        },
      ];
    case "ask":
      if (!kernel) return [];
      return [
        call("FltSendMessage", { Port: ref("Port"), Reply: "reply", Timeout: timeout(step.us) }),
      ];
    case "count":
      return kernel ? [call("InterlockedIncrement", { Target: ref("Count") })] : [];
    case "queue":
      if (place.role !== "callback" || !place.hasDone) return [];
      return [
        call("IoQueueWorkItem", { WorkItem: { routine: "Work" }, QueueType: "DelayedWorkQueue" }),
      ];
    case "done":
      if (!place.hasDone) return [];
      return place.role === "item"
        ? [call("KeSetEvent", { Event: ref("Done") })]
        : [call("KeWaitForSingleObject", { Object: ref("Done"), Timeout: timeout(step.us) })];
    case "create": {
      const create = call(kernel ? "ZwCreateUserProcess" : "CreateProcess");
      if (!kernel) return [create];
      return [when({ kind: "not", test: { kind: "causedByOwnWork" } }, [create])];
    }
    case "sleep":
      return kernel
        ? [call("KeDelayExecutionThread", { Interval: timeout(20_000) })]
        : [call("Compute", { Time: timeout(10_000) })];
    case "thread":
      return place.role === "callback"
        ? [call("PsCreateSystemThread", { StartRoutine: { routine: "Own" } })]
        : [];
  }
}

const object = (name: string, kind: ObjectKind): ObjectDecl => ({ name, kind });

/** The driver that a plan stands for: only what its bodies use is declared. */
export function driverOf(plan: Plan): DriverModel {
  const callback = (name: string, body: Body, locals: readonly ObjectDecl[]): Routine => ({
    name,
    role: "callback",
    locals,
    body,
  });
  const at = (role: Place["role"], hasDone = false): Place => ({ plan, role, hasDone });
  const onCreate = bodyOf(plan.onCreate, at("callback", true));
  const onExit = bodyOf(plan.onExit, at("callback"));
  const uses = (word: string, ...bodies: readonly Body[]): boolean =>
    JSON.stringify(bodies).includes(`"${word}"`);
  const item = bodyOf(plan.item, at("item", true));
  const own = bodyOf(plan.own, at("thread"));
  const hasItem = uses("Work", onCreate);
  const hasOwn = uses("Own", onCreate, onExit);
  const answer = bodyOf(plan.service, at("service"));
  const kernel = [onCreate, onExit, ...(hasItem ? [item] : []), ...(hasOwn ? [own] : [])];
  const hasService = uses("Port", ...kernel);
  const all = [...kernel, ...(hasService ? [answer] : [])];
  const objects = [
    object("Lock0", plan.locks[0]),
    object("Lock1", plan.locks[1]),
    object("Shared0", plan.event),
    object("Shared1", "NotificationEvent"),
    object("Count", "variable"),
    object("Port", "FLT_PORT"),
  ].filter(({ name }) => uses(name, ...all) || (name === "Port" && hasService));
  const done = object("Done", "NotificationEvent");
  const routines: Routine[] = [
    callback("OnCreate", onCreate, uses("Done", onCreate, hasItem ? item : []) ? [done] : []),
  ];
  if (hasItem)
    routines.push({ name: "Work", role: "workItem", within: "OnCreate", locals: [], body: item });
  if (hasOwn) routines.push({ name: "Own", role: "systemThread", locals: [], body: own });
  if (onExit.length > 0) routines.push(callback("OnExit", onExit, []));
  if (hasService) {
    const message = { Message: ref("Message") };
    routines.push({
      name: "Answer",
      role: "userThread",
      locals: [object("Message", "pointer")],
      body: [
        forever(
          call("FilterGetMessage", { Port: ref("Port"), ...message }),
          ...answer,
          call("FilterReplyMessage", message),
        ),
      ],
    });
  }
  return {
    ...emptyDriver("drawn"),
    objects,
    conditions: uses("Luck", ...all) ? [{ name: "Luck", scope: "driver" }] : [],
    routines,
    registrations: [
      { family: "process-create", routine: "OnCreate" },
      ...(onExit.length > 0 ? [{ family: "process-exit", routine: "OnExit" }] : []),
    ],
    services: hasService
      ? [
          {
            name: "Agent",
            objects: uses("Section", answer) ? [object("Section", "CRITICAL_SECTION")] : [],
            threads: [{ routine: "Answer", count: plan.serviceThreads }],
          },
        ]
      : [],
  };
}

const which = fc.nat(1);
const patience: fc.Arbitrary<Patience> = fc.constantFrom<Patience[]>("none", "none", 200_000);

function stepsOf(kinds: readonly Step["kind"][], maxLength: number): fc.Arbitrary<readonly Step[]> {
  const flat = (kind: Step["kind"]): fc.Arbitrary<Step> => {
    switch (kind) {
      case "wait":
        return fc.record({ kind: fc.constant(kind), which, us: patience });
      case "set":
      case "reset":
        return fc.record({ kind: fc.constant(kind), which });
      case "poll":
        return fc.record({ kind: fc.constant(kind), limit: fc.constantFrom(null, 2) });
      case "ask":
      case "done":
        return fc.record({ kind: fc.constant(kind), us: patience });
      case "lock":
        return fc.record({ kind: fc.constant(kind), which, steps: inner });
      case "maybe":
        return fc.record({ kind: fc.constant(kind), steps: inner });
      default:
        return fc.constant({ kind });
    }
  };
  const plain = kinds.filter((kind) => kind !== "lock" && kind !== "maybe");
  const inner = fc.array(fc.oneof(...plain.map(flat)), { maxLength: 2 });
  return fc.array(fc.oneof(...kinds.map(flat)), { maxLength });
}

const callbackKinds = [
  "lock",
  "lock",
  "wait",
  "set",
  "queue",
  "queue",
  "done",
  "count",
  "poll",
  "ask",
  "maybe",
  "sleep",
] as const;

export const plans: fc.Arbitrary<Plan> = fc.record({
  locks: fc.tuple(fc.constantFrom(...lockKinds), fc.constantFrom(...lockKinds)),
  event: fc.constantFrom("NotificationEvent", "SynchronizationEvent"),
  onCreate: stepsOf([...callbackKinds, "create", "thread"], 3),
  onExit: fc.oneof(
    { weight: 3, arbitrary: fc.constant([]) },
    { weight: 1, arbitrary: stepsOf(["lock", "set", "wait", "count", "ask"], 2) },
  ),
  item: stepsOf(["done", "done", "lock", "set", "count", "create", "wait"], 2),
  own: stepsOf(["set", "reset", "count", "lock", "poll", "sleep"], 2),
  service: stepsOf(["sleep", "set", "wait", "create", "lock"], 2),
  serviceThreads: fc.integer({ min: 1, max: 2 }),
});

/** At most two of everything: what most searches exhaust in a few thousand transitions. */
export const smallWorlds: fc.Arbitrary<World> = fc
  .record({
    creators: fc.integer({ min: 1, max: 2 }),
    does: fc.constantFrom("create", "create", "create and exit", "create and wait"),
    load: fc.constantFrom("idle", "idle", "busy", "exhausted"),
    condition: fc.constantFrom("well", "well", "slow", "hung"),
    removal: fc.constantFrom("none", "none", "none", "racing"),
  } as const)
  .map(({ creators, does, load, condition, removal }) =>
    worldWith({
      workload: users(creators, does),
      pool: { profile: "tiny", load, ...(load === "idle" ? {} : { items: 1 }) },
      service: { condition },
      removal,
    }),
  );

export const scenarios: fc.Arbitrary<Scenario> = fc
  .record({ plan: plans, world: smallWorlds })
  .map(({ plan, world }) => ({ drivers: [driverOf(plan)], world }));

/** Several of each: creators that do the same, foreign items, threads of a service. */
export const crowdedScenarios: fc.Arbitrary<Scenario> = fc
  .record({
    plan: plans,
    creators: fc.integer({ min: 2, max: 3 }),
    does: fc.constantFrom("create", "create and exit", "create and wait"),
    items: fc.constantFrom(0, 1, 2),
    condition: fc.constantFrom("well", "hung"),
  } as const)
  .map(({ plan, creators, does, items, condition }) => ({
    drivers: [driverOf({ ...plan, serviceThreads: 2 })],
    world: worldWith({
      workload: users(creators, does),
      pool: { profile: "tiny", load: items === 0 ? "idle" : "exhausted", items },
      service: { condition },
    }),
  }));
