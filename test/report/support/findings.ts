/** Findings as the judge gives them, made by hand: one of each kind that a story has to tell. */
import type { Finding } from "../../../src/judge/finding.ts";
import { exhaustedPool, lostWakeUp, serviceCreatesProcess } from "./hangs.ts";
import { partOf, stepsOf } from "./steps.ts";

const worker = "DelayedWorkQueue worker 1";

/** A busy pool and a long scan: the creator waits for both. */
export const slowScan: Finding = {
  outcome: "latency",
  possible: false,
  property: "bounded-latency",
  driver: "acme",
  family: "process",
  callback: "AcmeCreateProcess",
  mechanism: "foreign work item: work > work item: work",
  identity: "AcmeCreateProcess/KeWaitForSingleObject#1",
  needs: "busy pool",
  rules: ["R1", "R6a", "R6b", "R7", "X9"],
  latencyUs: 2103014,
  budget: { of: "callback", us: 500000 },
  world: "one create, tiny pool busy",
  steps: stepsOf(`
    DelayedWorkQueue worker 1
      0 | Windows | ExpWorkerThread | 0 | takes the next work item
      0 | another driver | a foreign work item | 1 | works for a second
    user1
      1000 | Windows | NtCreateUserProcess | 0 | creates a process
      1001 | acme | AcmeCreateProcess | 1 | AcmeCreateProcess (process create) |  | acme.c:104
      1001 | acme | AcmeCreateProcess | 2 | KeInitializeEvent(ScanDone) |  | acme.c:118
      1001 | acme | AcmeCreateProcess | 2 | IoQueueWorkItem(Scan, DelayedWorkQueue) |  | acme.c:120
      1002 | acme | AcmeCreateProcess | 2 | KeWaitForSingleObject(ScanDone, no timeout) | waits | acme.c:121
    DelayedWorkQueue worker 1
      1000000 | Windows | ExpWorkerThread | 0 | takes the next work item
      1000000 | another driver | a foreign work item | 1 | works for a second
      2000000 | Windows | ExpWorkerThread | 0 | takes the next work item
      2000000 | acme | Scan | 1 | ZwReadFile(Image) |  | acme.c:61
      2104015 | acme | Scan | 1 | KeSetEvent(ScanDone) | releases user1 | acme.c:88
    user1
      2104015 | acme | AcmeCreateProcess | 2 | KeWaitForSingleObject(ScanDone, no timeout) |  | acme.c:121
  `),
  chain: [],
  path: [
    partOf("user1 | acme | AcmeCreateProcess | KeInitializeEvent(ScanDone)", 1),
    partOf("user1 | acme | AcmeCreateProcess | IoQueueWorkItem(Scan, DelayedWorkQueue)", 2),
    partOf(`${worker} | another driver | a foreign work item | works for a second`, 1999000),
    partOf(`${worker} | Windows | ExpWorkerThread | takes the next work item`, 2000),
    partOf(`${worker} | acme | Scan | ZwReadFile(Image)`, 102010),
    partOf(`${worker} | acme | Scan | KeSetEvent(ScanDone)`, 1),
  ],
  assumptions: ["a work item of another driver takes 1 s in a busy pool"],
};

/** A wait with a timeout leaves an item behind that still writes to the stack that it came from. */
export const useAfterReturn: Finding = {
  outcome: "crash",
  possible: false,
  property: "no-crash",
  driver: "acme",
  family: "process",
  callback: "AcmeCreateProcess",
  mechanism: "use after return: work item",
  identity: "Scan/KeSetEvent#1",
  needs: "busy pool",
  rules: [],
  crash: "useAfterReturn",
  world: "one create, tiny pool busy",
  steps: stepsOf(`
    user1
      1000 | Windows | NtCreateUserProcess | 0 | creates a process
      1001 | acme | AcmeCreateProcess | 1 | AcmeCreateProcess (process create) |  | acme.c:104
      1001 | acme | AcmeCreateProcess | 2 | KeInitializeEvent(ScanDone) |  | acme.c:118
      1001 | acme | AcmeCreateProcess | 2 | IoQueueWorkItem(Scan, DelayedWorkQueue) |  | acme.c:120
      1002 | acme | AcmeCreateProcess | 2 | KeWaitForSingleObject(ScanDone, timeout 500 ms) | waits | acme.c:121
      501002 | acme | AcmeCreateProcess | 2 | KeWaitForSingleObject(ScanDone, timeout 500 ms) | times out | acme.c:121
      501002 | Windows | NtCreateUserProcess | 0 | readies the new process's thread
    DelayedWorkQueue worker 1
      1000000 | Windows | ExpWorkerThread | 0 | takes the next work item
      1005000 | acme | Scan | 1 | KeSetEvent(ScanDone) | crashes | acme.c:88
  `),
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
  callback: "AcmeCreateProcess",
  mechanism: "callbackAwaitsQueuedWork: callback waits for an event > work item runs",
  identity: "AcmeCreateProcess/KeWaitForSingleObject#1",
  needs: "nothing wrong",
  rules: ["R7"],
  world: "one create, tiny pool idle",
  steps: stepsOf(`
    user1
      1000 | Windows | NtCreateUserProcess | 0 | creates a process
      1001 | acme | AcmeCreateProcess | 1 | AcmeCreateProcess (process create) |  | acme.c:104
      1001 | acme | AcmeCreateProcess | 2 | KeInitializeEvent(ScanDone) |  | acme.c:118
      1001 | acme | AcmeCreateProcess | 2 | IoQueueWorkItem(Scan, DelayedWorkQueue) |  | acme.c:120
      1002 | acme | AcmeCreateProcess | 2 | KeWaitForSingleObject(ScanDone, no timeout) | waits | acme.c:121
    DelayedWorkQueue worker 1
      1002 | Windows | ExpWorkerThread | 0 | takes the next work item
      1002 | acme | Scan | 1 | KeSetEvent(ScanDone) | releases user1 | acme.c:88
    user1
      1003 | acme | AcmeCreateProcess | 2 | KeWaitForSingleObject(ScanDone, no timeout) |  | acme.c:121
  `),
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
