/** Findings as the judge gives them, made by hand: one of each kind that a story has to tell. */
import type { Finding, Step } from "../../../src/judge/finding.ts";

type Brief = readonly [
  timeUs: number | undefined,
  thread: string,
  owner: string,
  routine: string,
  depth: number,
  operation: string,
  outcome?: string,
  at?: string,
  opId?: string,
];

const steps = (briefs: readonly Brief[]): Step[] =>
  briefs.map(([timeUs, thread, owner, routine, depth, operation, outcome = "", at, opId]) => ({
    ...(timeUs === undefined ? {} : { timeUs }),
    thread,
    owner,
    routine,
    operation,
    opId: opId ?? `${routine}/${operation.split("(")[0]}#1`,
    outcome,
    at,
    depth,
  }));

const pool = "DelayedWorkQueue";
const one = `${pool} worker 1`;
const two = `${pool} worker 2`;
const keeper = `${pool} manager`;
const foreign = "a foreign work item";
const create = "AcmeCreateProcess";

const entered = (time: number | undefined, thread: string, depth: number): Brief[] => [
  [time, thread, "acme", create, depth, `${create} (process create)`, "", "acme.c:104"],
  [time, thread, "acme", create, depth + 1, "KeInitializeEvent(ScanDone)", "", "acme.c:118"],
  [time, thread, "acme", create, depth + 1, `IoQueueWorkItem(Scan, ${pool})`, "", "acme.c:120"],
];
const waiting = (time: number | undefined, thread: string, depth: number): Brief => [
  time,
  thread,
  "acme",
  create,
  depth,
  "KeWaitForSingleObject(ScanDone, no timeout)",
  "waits",
  "acme.c:121",
];

/** Queue-and-wait, while items that create processes occupy every worker of a tiny pool. */
export const exhaustedPool: Finding = {
  outcome: "deadlock",
  possible: false,
  property: "deadlock-freedom",
  driver: "acme",
  family: "process",
  callback: create,
  mechanism:
    "callback waits for an event > queued work item waits for a free worker > callback waits for an event (circle)",
  identity: "AcmeCreateProcess/KeWaitForSingleObject#1",
  needs: "busy pool",
  rules: ["R5", "R6b", "R7"],
  world: "one create, tiny pool exhausted",
  steps: steps([
    [0, "start-up", "Windows", "start-up", 0, "starts the system"],
    [0, "start-up", "Windows", "start-up", 0, "loads the driver"],
    [0, "start-up", "Windows", "start-up", 0, "the system is up", `releases ${one}`],
    [0, one, "Windows", "ExpWorkerThread", 0, "takes the next work item"],
    [0, one, "another driver", foreign, 1, "creates a process"],
    [0, one, "Windows", "NtCreateUserProcess", 2, "creates a process"],
    ...entered(1_000, one, 3),
    waiting(1_001, one, 4),
    [
      250_000,
      keeper,
      "Windows",
      "ExpWorkerThreadBalanceManager",
      0,
      "the manager looks at the queue",
    ],
    [
      1_250_000,
      keeper,
      "Windows",
      "ExpWorkerThreadBalanceManager",
      0,
      "the manager looks at the queue",
    ],
    [
      1_250_000,
      keeper,
      "Windows",
      "ExpWorkerThreadBalanceManager",
      0,
      "the manager adds a worker",
      `releases ${two}`,
    ],
    [1_250_000, two, "Windows", "ExpWorkerThread", 0, "takes the next work item"],
    [1_250_000, two, "another driver", foreign, 1, "creates a process"],
    [1_250_000, two, "Windows", "NtCreateUserProcess", 2, "creates a process"],
    ...entered(1_251_000, two, 3),
    waiting(1_251_001, two, 4),
  ]),
  chain: [
    {
      who: `${one}, in callback ${create}`,
      operation: "KeWaitForSingleObject(ScanDone, no timeout)",
      opId: "AcmeCreateProcess/KeWaitForSingleObject#1",
      at: "acme.c:121",
      what: "event ScanDone",
      because: "work item Scan would end it",
    },
    {
      who: "work item Scan",
      operation: `queued in ${pool}, behind 0 others`,
      opId: "Scan",
      what: `a free worker of ${pool}`,
      because: "all 2 workers are occupied",
    },
  ],
  closesAt: 0,
  assumptions: [
    "callbacks run in order of registration (CB-Q7)",
    "no lock of Windows is held around callbacks (CB-L2)",
  ],
};

const monitor = "AcmeTray/MonitorThread";
const asks = "KeWaitForMultipleObjects({Allow, Deny}, WaitAny, no timeout)";

/** An event set and at once reset: the service was not waiting yet, and never learns of it. */
export const lostWakeUp: Finding = {
  outcome: "deadlock",
  possible: false,
  property: "deadlock-freedom",
  driver: "guard",
  family: "process",
  callback: "GuardProcessNotify",
  mechanism: "callback waits for any of several: an event > service polls an event",
  identity: "GuardProcessNotify/KeWaitForMultipleObjects#1",
  needs: "nothing wrong",
  rules: ["R2", "R4", "R5"],
  world: "one create, service well",
  steps: steps([
    [undefined, "user1", "user", "user1", 0, "arrives"],
    [undefined, "user1", "Windows", "NtCreateUserProcess", 1, "creates a process"],
    [
      undefined,
      "user1",
      "guard",
      "GuardProcessNotify",
      2,
      "GuardProcessNotify (process create)",
      "",
      "monitor.c:87",
    ],
    [
      undefined,
      "user1",
      "guard",
      "GuardProcessNotify",
      3,
      "KeWaitForSingleObject(Lock, no timeout)",
      "",
      "monitor.c:92",
    ],
    [
      undefined,
      "user1",
      "guard",
      "TellUser",
      4,
      "ExAcquireResourceExclusiveLite(MessageLock)",
      "",
      "monitor.c:41",
    ],
    [undefined, "user1", "guard", "TellUser", 4, "KeSetEvent(Changed)", "", "monitor.c:48"],
    [undefined, "user1", "guard", "TellUser", 4, "KeResetEvent(Changed)", "", "monitor.c:49"],
    [undefined, "user1", "guard", "GuardProcessNotify", 3, asks, "waits", "monitor.c:112"],
    [
      undefined,
      monitor,
      "AcmeTray",
      "MonitorThread",
      0,
      "WaitForSingleObject(Changed, timeout 1 s)",
      "waits",
      "tray.cpp:210",
    ],
    [
      undefined,
      monitor,
      "AcmeTray",
      "MonitorThread",
      0,
      "WaitForSingleObject(Changed, timeout 1 s)",
      "times out",
      "tray.cpp:210",
    ],
  ]),
  chain: [
    {
      who: "user1, in callback GuardProcessNotify",
      operation: asks,
      opId: "GuardProcessNotify/KeWaitForMultipleObjects#1",
      at: "monitor.c:112",
      what: "event Allow or event Deny",
      because: `${monitor} would set it`,
    },
    {
      who: monitor,
      operation: "WaitForSingleObject(Changed, timeout 1 s)",
      opId: "MonitorThread/WaitForSingleObject#1",
      at: "tray.cpp:210",
      what: "event Changed",
      because: "",
    },
  ],
  assumptions: [
    "IoQueryFileDosDeviceName() takes 5 ms and waits for nothing (by the author's word)",
  ],
};

const listener = "AcmeSvc/Listen";
const ask = "FltSendMessage(ServerPort, reply wanted, no timeout)";

/** The only thread of a service creates a process while it answers for another. */
export const serviceCreatesProcess: Finding = {
  outcome: "deadlock",
  possible: true,
  property: "deadlock-freedom",
  driver: "acme",
  family: "process",
  callback: create,
  mechanism: "callback waits for a reply > callback waits for a reply (circle)",
  identity: "AcmeCreateProcess/FltSendMessage#1",
  needs: "nothing wrong",
  rules: ["R2", "R4"],
  world: "one create, service well",
  steps: steps([
    [undefined, "user1", "Windows", "NtCreateUserProcess", 0, "creates a process"],
    [undefined, "user1", "acme", create, 1, `${create} (process create)`],
    [undefined, "user1", "acme", create, 2, ask, `releases ${listener}, waits`],
    [
      undefined,
      listener,
      "AcmeSvc",
      "Listen",
      0,
      "FilterGetMessage(ServerPort, Message, no timeout)",
    ],
    [undefined, listener, "AcmeSvc", "Listen", 0, "CreateProcess()"],
    [undefined, listener, "Windows", "NtCreateUserProcess", 1, "creates a process"],
    [undefined, listener, "acme", create, 2, `${create} (process create)`],
    [undefined, listener, "acme", create, 3, ask, "waits"],
  ]),
  chain: [
    {
      who: `user1, in callback ${create}`,
      operation: ask,
      opId: "AcmeCreateProcess/FltSendMessage#1",
      what: "the reply to its message",
      because: `${listener} has fetched it and not replied`,
    },
    {
      who: `${listener}, in callback ${create}`,
      operation: ask,
      opId: "AcmeCreateProcess/FltSendMessage#1",
      what: "the reply to its message",
      because: `${listener} would have to fetch it`,
    },
  ],
  assumptions: [],
};

/** A busy pool and a long scan: the creator waits for both. */
export const slowScan: Finding = {
  outcome: "latency",
  possible: false,
  property: "bounded-latency",
  driver: "acme",
  family: "process",
  callback: create,
  mechanism: "foreign work item: work > work item: work",
  identity: "AcmeCreateProcess/KeWaitForSingleObject#1",
  needs: "busy pool",
  rules: ["R1", "R6a", "R6b", "R7", "X9"],
  latencyUs: 2_103_014,
  budget: { of: "callback", us: 500_000 },
  world: "one create, tiny pool busy",
  steps: steps([
    [0, one, "Windows", "ExpWorkerThread", 0, "takes the next work item"],
    [0, one, "another driver", foreign, 1, "works for a second"],
    [1_000, "user1", "Windows", "NtCreateUserProcess", 0, "creates a process"],
    ...entered(1_001, "user1", 1),
    waiting(1_002, "user1", 2),
    [1_000_000, one, "Windows", "ExpWorkerThread", 0, "takes the next work item"],
    [1_000_000, one, "another driver", foreign, 1, "works for a second"],
    [2_000_000, one, "Windows", "ExpWorkerThread", 0, "takes the next work item"],
    [2_000_000, one, "acme", "Scan", 1, "ZwReadFile(Image)", "", "acme.c:61"],
    [2_104_015, one, "acme", "Scan", 1, "KeSetEvent(ScanDone)", "releases user1", "acme.c:88"],
    [
      2_104_015,
      "user1",
      "acme",
      create,
      2,
      "KeWaitForSingleObject(ScanDone, no timeout)",
      "",
      "acme.c:121",
    ],
  ]),
  chain: [],
  path: [
    { who: `user1, in callback ${create}`, what: "KeInitializeEvent(ScanDone)", us: 1 },
    { who: `user1, in callback ${create}`, what: `IoQueueWorkItem(Scan, ${pool})`, us: 2 },
    { who: one, what: "works for a second", us: 1_999_000 },
    { who: one, what: "takes the next work item", us: 2_000 },
    { who: one, what: "ZwReadFile(Image)", us: 102_010 },
    { who: one, what: "KeSetEvent(ScanDone)", us: 1 },
  ],
  assumptions: ["a work item of another driver takes 1 s in a busy pool"],
};

/** A wait with a timeout leaves a work item behind that still writes to the stack it came from. */
export const useAfterReturn: Finding = {
  outcome: "crash",
  possible: false,
  property: "no-crash",
  driver: "acme",
  family: "process",
  callback: create,
  mechanism: "use after return: work item",
  identity: "Scan/KeSetEvent#1",
  needs: "busy pool",
  rules: [],
  crash: "useAfterReturn",
  world: "one create, tiny pool busy",
  steps: steps([
    [1_000, "user1", "Windows", "NtCreateUserProcess", 0, "creates a process"],
    ...entered(1_001, "user1", 1),
    [
      1_002,
      "user1",
      "acme",
      create,
      2,
      "KeWaitForSingleObject(ScanDone, timeout 500 ms)",
      "waits",
      "acme.c:121",
    ],
    [
      501_002,
      "user1",
      "acme",
      create,
      2,
      "KeWaitForSingleObject(ScanDone, timeout 500 ms)",
      "times out",
      "acme.c:121",
    ],
    [501_002, "user1", "Windows", "NtCreateUserProcess", 0, "readies the new process's thread"],
    [1_000_000, one, "Windows", "ExpWorkerThread", 0, "takes the next work item"],
    [1_005_000, one, "acme", "Scan", 1, "KeSetEvent(ScanDone)", "crashes", "acme.c:88"],
  ]),
  chain: [],
  assumptions: [],
};

/** R7 stands with a free worker, too. */
export const idlePoolRule: Finding = {
  outcome: "rule",
  possible: false,
  property: "rules",
  driver: "acme",
  family: "process",
  callback: create,
  mechanism: "callbackAwaitsQueuedWork: callback waits for an event > work item runs",
  identity: "AcmeCreateProcess/KeWaitForSingleObject#1",
  needs: "nothing wrong",
  rules: ["R7"],
  world: "one create, tiny pool idle",
  steps: steps([
    [1_000, "user1", "Windows", "NtCreateUserProcess", 0, "creates a process"],
    ...entered(1_001, "user1", 1),
    waiting(1_002, "user1", 2),
    [1_002, one, "Windows", "ExpWorkerThread", 0, "takes the next work item"],
    [1_002, one, "acme", "Scan", 1, "KeSetEvent(ScanDone)", "releases user1", "acme.c:88"],
    [
      1_003,
      "user1",
      "acme",
      create,
      2,
      "KeWaitForSingleObject(ScanDone, no timeout)",
      "",
      "acme.c:121",
    ],
  ]),
  chain: [],
  assumptions: [],
};

export const findings: Readonly<Record<string, Finding>> = {
  "queue-and-wait with an exhausted pool": exhaustedPool,
  "a lost wake-up": lostWakeUp,
  "a service that creates a process while answering": serviceCreatesProcess,
  "a latency of 2.1 s": slowScan,
  "a use after return": useAfterReturn,
  "R7 with an idle pool": idlePoolRule,
};
