import { branch, testFaults } from "./support/file.ts";

testFaults([
  [
    "a misspelt call",
    (d) => {
      d.routines[1].body[0].api = "KeSetEvnt";
    },
    "routines[1].body[0].api",
    'unknown call "KeSetEvnt"; did you mean "KeSetEvent"? If the table lacks it, write a statement of kind "other"',
  ],
  [
    "a call that resembles none",
    (d) => {
      d.routines[1].body[0].api = "Xyzzy";
    },
    "routines[1].body[0].api",
    'unknown call "Xyzzy". If the table lacks it, write a statement of kind "other"',
  ],
  [
    "a user-mode call in the kernel",
    (d) => {
      d.routines[1].body[0].api = "SetEvent";
    },
    "routines[1].body[0].api",
    "SetEvent is a user-mode call, and Scan runs in kernel mode",
  ],
  [
    "a kernel call in a service",
    (d) => {
      d.routines[4].body[1].api = "KeSetEvent";
    },
    "routines[4].body[1].api",
    "KeSetEvent is a kernel-mode call, and Worker runs in user mode",
  ],
  [
    "an unknown result",
    (d) => {
      d.routines[0].body[2].test.tests[0].of = "wai";
    },
    "routines[0].body[2].test.tests[0].of",
    'no call of Callback keeps a result "wai"; did you mean "wait"?',
  ],
  [
    "a result that the call never has",
    (d) => {
      d.routines[0].body[2].test.tests[0].is = "failure";
    },
    "routines[0].body[2].test.tests[0].is",
    "that call comes back with success, timeout",
  ],
  [
    "a result of another routine",
    (d) => {
      d.routines[3].body[2].until = { kind: "result", of: "wait", is: "timeout" };
    },
    "routines[3].body[2].until.of",
    'no call of Helper keeps a result "wait"',
  ],
  [
    "two results of one name",
    (d) => {
      d.routines[0].body[4].result = "wait";
    },
    "routines[0].body[4].result",
    'two calls keep their result as "wait"',
  ],
  [
    "a comparison of no variable",
    (d) => {
      d.routines[0].body[2].test.tests[1].variable.ref = "Lock";
    },
    "routines[0].body[2].test.tests[1].variable",
    "this is a FAST_MUTEX; it must be variable",
  ],
  [
    "an unknown condition",
    (d) => {
      d.routines[0].body[2].test.tests[2].name = "IsProtectd";
    },
    "routines[0].body[2].test.tests[2].name",
    'no condition "IsProtectd"; did you mean "IsProtected"?',
  ],
  [
    "an unknown service",
    (d) => {
      d.routines[0].body[2].test.tests[3].service = "Agnt";
    },
    "routines[0].body[2].test.tests[3].service",
    'no service "Agnt"; did you mean "Agent"?',
  ],
  [
    "a question of the kernel in a service",
    (d) => {
      d.routines[4].body.push(branch({ kind: "apcsDisabled" }, []));
    },
    "routines[4].body[2].test",
    "a thread of a service knows nothing of callbacks, regions and causes",
  ],
  [
    "two labels of one name",
    (d) => {
      for (const one of d.routines[0].body) one.label = "x";
    },
    "routines[0].body[1].label",
    'two statements have the label "x"',
  ],
  [
    "a veto where there is none",
    (d) => {
      d.registrations[0].family = "image";
    },
    "routines[0].body[2].else[0]",
    "Callback is registered for no family whose callbacks can veto",
  ],
  [
    "a veto by a work item",
    (d) => {
      d.routines[2].body.push({ kind: "veto" });
    },
    "routines[2].body[1]",
    "only a callback can veto",
  ],
  [
    "an unknown function",
    (d) => {
      d.routines[0].body[2].then[0].routine = "Helpr";
    },
    "routines[0].body[2].then[0].routine",
    'no function "Helpr"; did you mean "Helper"?',
  ],
  [
    "an assumption about a call that is known",
    (d) => {
      d.routines[3].body[3].name = "ZwReadFile";
    },
    "routines[3].body[3].name",
    "the table has ZwReadFile: call it, rather than assume what it does",
  ],
  [
    "an assumption about no family",
    (d) => {
      d.routines[3].body[3].raises = "threads";
    },
    "routines[3].body[3].raises",
    'no family "threads"; did you mean "thread"?',
  ],
]);
