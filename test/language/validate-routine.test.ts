import { testFaults } from "./support/file.ts";

testFaults([
  [
    "an unknown family",
    (d) => {
      d.registrations[0].family = "proces";
    },
    "registrations[0].family",
    'no family "proces"; did you mean "process"?',
  ],
  [
    "a registration of no callback",
    (d) => {
      d.registrations[0].routine = "Helper";
    },
    "registrations[0].routine",
    'no callback "Helper"',
  ],
  [
    "a registration made twice",
    (d) => {
      d.registrations.push(d.registrations[0]);
    },
    "registrations[1]",
    '"Callback" is registered for "process-create" already',
  ],
  [
    "a callback of no family",
    (d) => {
      d.registrations[0].routine = "Other";
      d.routines.push({ ...d.routines[2], name: "Other", role: "callback" });
      d.routines[0].body[2].else = [];
    },
    "routines[0]",
    'callback "Callback" is registered for no family',
  ],
  [
    "a function that calls itself",
    (d) => {
      d.routines[3].body.push({ kind: "invoke", routine: "Helper" });
    },
    "routines[3]",
    "functions must not call themselves: Helper calls Helper",
  ],
  [
    "a frame in itself",
    (d) => {
      d.routines[1].within = "Scan";
      d.routines[1].body = [];
      d.routines[0].body.shift();
    },
    "routines[1].within",
    '"Scan" would be declared in itself',
  ],
  [
    "a frame of no routine",
    (d) => {
      d.routines[1].within = "Calback";
      d.routines[1].body = [];
      d.routines[0].body.shift();
    },
    "routines[1].within",
    'no routine "Calback"; did you mean "Callback"?',
  ],
  [
    "a callback in a frame",
    (d) => {
      d.routines[0].within = "Helper";
    },
    "routines[0].within",
    "a callback is declared by the driver, not in a frame",
  ],
  [
    "a routine that nothing starts",
    (d) => {
      d.routines[0].body.shift();
    },
    "routines[1]",
    'nothing starts, queues or calls workItem "Scan"',
  ],
  [
    "a thread of no service",
    (d) => {
      d.services[0].threads = [];
      d.routines[4].body = [];
    },
    "routines[4]",
    'user thread "Worker" belongs to no service',
  ],
  [
    "a second entry",
    (d) => {
      for (const name of ["E1", "E2"])
        d.routines.push({ name, role: "entry", locals: [], body: [] });
    },
    "routines[6]",
    'a driver has one routine of role "entry"',
  ],
]);
