import { call, testFaults } from "./support/file.ts";

testFaults([
  [
    "a misspelt object",
    (d) => {
      d.routines[1].body[0].args.Event.ref = "ScanDon";
    },
    "routines[1].body[0].args.Event",
    'no object "ScanDon"; did you mean "ScanDone"?',
  ],
  [
    "a missing argument",
    (d) => {
      d.routines[1].body[0].args = {};
    },
    "routines[1].body[0].args.Event",
    "missing; KeSetEvent takes an object (NotificationEvent or SynchronizationEvent) here",
  ],
  [
    "a misspelt parameter",
    (d) => {
      d.routines[1].body[0].args.Evnt = 1;
    },
    "routines[1].body[0].args.Evnt",
    'KeSetEvent has no parameter "Evnt"; did you mean "Event"?',
  ],
  [
    "an object of the wrong kind",
    (d) => {
      d.routines[1].body[0].args.Event.ref = "Lock";
    },
    "routines[1].body[0].args.Event",
    "this is a FAST_MUTEX; it must be NotificationEvent or SynchronizationEvent",
  ],
  [
    "a number for an object",
    (d) => {
      d.routines[1].body[0].args.Event = 3;
    },
    "routines[1].body[0].args.Event",
    "an object belongs here: NotificationEvent or SynchronizationEvent",
  ],
  [
    "an object for a number",
    (d) => {
      d.routines[2].body[0].args.Value = { ref: "Count" };
    },
    "routines[2].body[0].args.Value",
    "a number belongs here",
  ],
  [
    "an unknown choice",
    (d) => {
      d.routines[0].body[0].args.QueueType = "DelayedWorkQueu";
    },
    "routines[0].body[0].args.QueueType",
    'one of CriticalWorkQueue, DelayedWorkQueue belongs here; did you mean "DelayedWorkQueue"?',
  ],
  [
    "a routine of the wrong role",
    (d) => {
      d.routines[0].body[0].args.WorkItem.routine = "Helper";
    },
    "routines[0].body[0].args.WorkItem",
    'no workItem routine "Helper"',
  ],
  [
    "an operand of no form",
    (d) => {
      d.routines[0].body[1].args.Object = { reff: "ScanDone" };
    },
    "routines[0].body[1].args.Object",
    "an operand is a number, a text, or one of {ref, field?, of?}, {objects}, {process, service?}, {thread}, {timeout}, {routine}, {record}",
  ],
  [
    "a field that is not there",
    (d) => {
      d.routines[0].body[3].args.Event.field = "Dome";
    },
    "routines[0].body[3].args.Event.field",
    'record "Entry" has no field "Dome"; did you mean "Done"?',
  ],
  [
    "a field of what points nowhere",
    (d) => {
      d.routines[0].body[3].args.Event.ref = "Reply";
    },
    "routines[0].body[3].args.Event.field",
    '"Reply" points to no record, so it has no fields',
  ],
  [
    "a process for what each process does not have",
    (d) => {
      d.routines[2].body[0].args.Target.ref = "Count";
    },
    "routines[2].body[0].args.Target.of",
    '"Count" is not an object that each process has',
  ],
  [
    "an object of another routine's frame",
    (d) => {
      d.routines[2].body.push(call("KeSetEvent", { Event: { ref: "ScanDone" } }));
    },
    "routines[2].body[1].args.Event",
    '"ScanDone" belongs to routine Callback, out of reach of Flush',
  ],
  [
    "an item of another routine's frame",
    (d) => {
      d.routines[3].body[0].args.WorkItem.routine = "Scan";
    },
    "routines[3].body[0].args.WorkItem",
    '"Scan" belongs to a frame of Callback, out of reach of Helper',
  ],
  [
    "a service's object in the kernel",
    (d) => {
      d.routines[2].body[0].args.Target = { ref: "Section" };
    },
    "routines[2].body[0].args.Target",
    '"Section" belongs to service Agent, out of reach of Flush',
  ],
  [
    "an unknown setting",
    (d) => {
      d.routines[0].body[1].args.Timeout.timeout.setting = "ReplyTimeot";
    },
    "routines[0].body[1].args.Timeout.timeout.setting",
    'no setting "ReplyTimeot"; did you mean "ReplyTimeout"?',
  ],
  [
    "a negative timeout",
    (d) => {
      d.routines[0].body[1].args.Timeout.timeout = -1;
    },
    "routines[0].body[1].args.Timeout.timeout",
    "too small: expected number to be >=0",
  ],
  [
    "a service that is not said, of several",
    (d) => {
      d.services.push({ name: "Other", objects: [], threads: [] });
    },
    "routines[0].body[4].args.Object.service",
    "missing; the driver has 2 services",
  ],
  [
    "a wait for what cannot be waited for",
    (d) => {
      d.routines[3].body[3].waitsFor.ref = "Lock";
    },
    "routines[3].body[3].waitsFor",
    "this is a FAST_MUTEX; it must be NotificationEvent or SynchronizationEvent or KMUTEX or KSEMAPHORE or NotificationTimer or SynchronizationTimer or process or thread or PETHREAD",
  ],
]);
