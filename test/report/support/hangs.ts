/** Hangs as the judge finds them, made by hand. */
import type { Actor, Finding, Wait } from "../../../src/judge/finding.ts";
import { stepsOf } from "./steps.ts";

const event = (owner: string, ...names: readonly string[]): Wait => ({
  kind: "event",
  objects: names.map((name) => ({ kind: "NotificationEvent", name, owner })),
});

const reply: Wait = {
  kind: "reply",
  objects: [{ kind: "message", name: "message", owner: "acme" }],
};

const scan: Actor = {
  kind: "workItem",
  name: "Scan",
  queue: "DelayedWorkQueue",
  ahead: 0,
  occupied: 2,
};

const listen: Actor = { kind: "thread", name: "AcmeSvc/Listen", callback: "AcmeCreateProcess" };

/** Queue-and-wait, while items that create processes occupy every worker of a tiny pool. */
export const exhaustedPool: Finding = {
  outcome: "deadlock",
  possible: false,
  property: "deadlock-freedom",
  driver: "acme",
  family: "process",
  callback: "AcmeCreateProcess",
  mechanism:
    "callback waits for an event > queued work item waits for a free worker > callback waits for an event (circle)",
  identity: "AcmeCreateProcess/KeWaitForSingleObject#1",
  needs: "busy pool",
  rules: ["R5", "R6b", "R7"],
  world: "one create, tiny pool exhausted",
  steps: stepsOf(`
    start-up
      0 | Windows | start-up | 0 | starts the system
      0 | Windows | start-up | 0 | loads the driver
      0 | Windows | start-up | 0 | the system is up | releases DelayedWorkQueue worker 1
    DelayedWorkQueue worker 1
      0 | Windows | ExpWorkerThread | 0 | takes the next work item
      0 | another driver | a foreign work item | 1 | creates a process
      0 | Windows | NtCreateUserProcess | 2 | creates a process
      1000 | acme | AcmeCreateProcess | 3 | AcmeCreateProcess (process create) |  | acme.c:104
      1000 | acme | AcmeCreateProcess | 4 | KeInitializeEvent(ScanDone) |  | acme.c:118
      1000 | acme | AcmeCreateProcess | 4 | IoQueueWorkItem(Scan, DelayedWorkQueue) |  | acme.c:120
      1001 | acme | AcmeCreateProcess | 4 | KeWaitForSingleObject(ScanDone, no timeout) | waits | acme.c:121
    DelayedWorkQueue manager
      250000 | Windows | ExpWorkerThreadBalanceManager | 0 | the manager looks at the queue
      1250000 | Windows | ExpWorkerThreadBalanceManager | 0 | the manager looks at the queue
      1250000 | Windows | ExpWorkerThreadBalanceManager | 0 | the manager adds a worker | releases DelayedWorkQueue worker 2
    DelayedWorkQueue worker 2
      1250000 | Windows | ExpWorkerThread | 0 | takes the next work item
      1250000 | another driver | a foreign work item | 1 | creates a process
      1250000 | Windows | NtCreateUserProcess | 2 | creates a process
      1251000 | acme | AcmeCreateProcess | 3 | AcmeCreateProcess (process create) |  | acme.c:104
      1251000 | acme | AcmeCreateProcess | 4 | KeInitializeEvent(ScanDone) |  | acme.c:118
      1251000 | acme | AcmeCreateProcess | 4 | IoQueueWorkItem(Scan, DelayedWorkQueue) |  | acme.c:120
      1251001 | acme | AcmeCreateProcess | 4 | KeWaitForSingleObject(ScanDone, no timeout) | waits | acme.c:121
  `),
  chain: [
    {
      who: { kind: "thread", name: "DelayedWorkQueue worker 1", callback: "AcmeCreateProcess" },
      operation: "KeWaitForSingleObject(ScanDone, no timeout)",
      api: "KeWaitForSingleObject",
      opId: "AcmeCreateProcess/KeWaitForSingleObject#1",
      at: "acme.c:121",
      wait: event("acme", "ScanDone"),
      enders: [{ who: scan, relation: "wouldEnd", stands: "queued" }],
      follows: 0,
    },
    {
      who: scan,
      operation: "Scan",
      opId: "Scan",
      wait: {
        kind: "worker",
        objects: [{ kind: "KQUEUE", name: "DelayedWorkQueue", owner: "Windows" }],
      },
      enders: [1, 2].map((n) => ({
        who: {
          kind: "thread" as const,
          name: `DelayedWorkQueue worker ${n}`,
          callback: "AcmeCreateProcess",
        },
        relation: "occupied" as const,
        stands: "waits" as const,
      })),
      follows: 0,
    },
  ],
  closesAt: 0,
  assumptions: [
    "callbacks run in order of registration (CB-Q7)",
    "no lock of Windows is held around callbacks (CB-L2)",
  ],
};

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
  steps: stepsOf(`
    user1
      - | user | user1 | 0 | arrives
      - | Windows | NtCreateUserProcess | 1 | creates a process
      - | guard | GuardProcessNotify | 2 | GuardProcessNotify (process create) |  | monitor.c:87
      - | guard | GuardProcessNotify | 3 | KeWaitForSingleObject(Lock, no timeout) |  | monitor.c:92
      - | guard | TellUser | 4 | ExAcquireResourceExclusiveLite(MessageLock) |  | monitor.c:41
      - | guard | TellUser | 4 | KeSetEvent(Changed) |  | monitor.c:48
      - | guard | TellUser | 4 | KeResetEvent(Changed) |  | monitor.c:49
      - | guard | GuardProcessNotify | 3 | KeWaitForMultipleObjects({Allow, Deny}, WaitAny, no timeout) | waits | monitor.c:112
    AcmeTray/MonitorThread
      - | AcmeTray | MonitorThread | 0 | WaitForSingleObject(Changed, timeout 1 s) | waits | tray.cpp:210
      - | AcmeTray | MonitorThread | 0 | WaitForSingleObject(Changed, timeout 1 s) | times out | tray.cpp:210
  `),
  chain: [
    {
      who: { kind: "thread", name: "user1", callback: "GuardProcessNotify" },
      operation: "KeWaitForMultipleObjects({Allow, Deny}, WaitAny, no timeout)",
      api: "KeWaitForMultipleObjects",
      opId: "GuardProcessNotify/KeWaitForMultipleObjects#1",
      at: "monitor.c:112",
      wait: event("guard", "Allow", "Deny"),
      enders: [
        {
          who: { kind: "thread", name: "AcmeTray/MonitorThread" },
          relation: "wouldEnd",
          stands: "waits",
        },
      ],
      follows: 0,
    },
    {
      who: { kind: "thread", name: "AcmeTray/MonitorThread" },
      operation: "WaitForSingleObject(Changed, timeout 1 s)",
      api: "WaitForSingleObject",
      opId: "MonitorThread/WaitForSingleObject#1",
      at: "tray.cpp:210",
      wait: event("guard", "Changed"),
      enders: [],
      past: { kind: "cleared", set: 5, step: 6, asks: 8 },
    },
  ],
  assumptions: [
    "IoQueryFileDosDeviceName() takes 5 ms and waits for nothing (by the author's word)",
  ],
};

/** The only thread of a service creates a process while it answers for another. */
export const serviceCreatesProcess: Finding = {
  outcome: "deadlock",
  possible: true,
  property: "deadlock-freedom",
  driver: "acme",
  family: "process",
  callback: "AcmeCreateProcess",
  mechanism: "callback waits for a reply > callback waits for a reply (circle)",
  identity: "AcmeCreateProcess/FltSendMessage#1",
  needs: "nothing wrong",
  rules: ["R2", "R4"],
  world: "one create, service well",
  steps: stepsOf(`
    user1
      - | Windows | NtCreateUserProcess | 0 | creates a process
      - | acme | AcmeCreateProcess | 1 | AcmeCreateProcess (process create)
      - | acme | AcmeCreateProcess | 2 | FltSendMessage(ServerPort, reply wanted, no timeout) | releases AcmeSvc/Listen, waits
    AcmeSvc/Listen
      - | AcmeSvc | Listen | 0 | FilterGetMessage(ServerPort, Message, no timeout)
      - | AcmeSvc | Listen | 0 | CreateProcess()
      - | Windows | NtCreateUserProcess | 1 | creates a process
      - | acme | AcmeCreateProcess | 2 | AcmeCreateProcess (process create)
      - | acme | AcmeCreateProcess | 3 | FltSendMessage(ServerPort, reply wanted, no timeout) | waits
  `),
  chain: [
    {
      who: { kind: "thread", name: "user1", callback: "AcmeCreateProcess" },
      operation: "FltSendMessage(ServerPort, reply wanted, no timeout)",
      api: "FltSendMessage",
      opId: "AcmeCreateProcess/FltSendMessage#1",
      wait: reply,
      enders: [{ who: listen, relation: "hasMessage", stands: "waits" }],
      follows: 0,
    },
    {
      who: listen,
      operation: "FltSendMessage(ServerPort, reply wanted, no timeout)",
      api: "FltSendMessage",
      opId: "AcmeCreateProcess/FltSendMessage#1",
      wait: reply,
      enders: [{ who: listen, relation: "wouldFetch", stands: "behindWaiter" }],
      follows: 0,
    },
  ],
  closesAt: 1,
  assumptions: [],
};
