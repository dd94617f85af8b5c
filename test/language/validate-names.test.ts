import { testFaults } from "./support/file.ts";

testFaults([
  [
    "a timeout of a week",
    (d) => {
      d.settings[0].value = 604_800_000_000;
    },
    "settings[0].value",
    "too big: expected number to be <604800000000",
  ],
  [
    "a name of two things",
    (d) => {
      d.routines[0].locals[0].name = "Lock";
    },
    "routines[0].locals[0].name",
    '"Lock" is also the name of a FAST_MUTEX',
  ],
  [
    "a name that is none",
    (d) => {
      d.objects[0].name = "my lock";
    },
    "objects[0].name",
    "a name is an identifier of C",
  ],
  [
    "two fields of one name",
    (d) => {
      d.records[0].fields.push(d.records[0].fields[0]);
    },
    "records[0].fields[1].name",
    'two fields are called "Done"',
  ],
  [
    "a lock with a start value",
    (d) => {
      d.objects[0].initial = 1;
    },
    "objects[0].initial",
    "a FAST_MUTEX has no start value",
  ],
  [
    "an event that starts with two",
    (d) => {
      d.objects[1].initial = 2;
    },
    "objects[1].initial",
    "an event starts with 0, or signalled with 1",
  ],
  [
    "a pointer to nothing",
    (d) => {
      d.objects[3].record = "Entri";
    },
    "objects[3].record",
    'no record "Entri"',
  ],
  [
    "a work item without a routine",
    (d) => {
      delete d.objects[2].routine;
      d.objects[2].name = "Item";
    },
    "objects[2].routine",
    "a WORK_ITEM, and nothing else, names the routine that it runs",
  ],
  [
    "a critical section in the kernel",
    (d) => {
      d.objects[0].kind = "CRITICAL_SECTION";
    },
    "objects[0].kind",
    "the kernel has no CRITICAL_SECTION",
  ],
  [
    "a kernel lock in a service",
    (d) => {
      d.services[0].objects[0].kind = "FAST_MUTEX";
    },
    "services[0].objects[0].kind",
    "a service has no FAST_MUTEX",
  ],
]);
