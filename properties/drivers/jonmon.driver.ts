/**
 * JonMon, process, thread and image events: each callback writes a trace event and returns.
 *
 * Source: jonny-jhnson/JonMon, commit ce5de1c7, MIT; modelled by reading; no code copied. Read:
 * JonMon/callbacks.cpp:161-186 (image), 527-597 (thread), 601-679 (creation) and 756-787
 * (termination). Nothing was run. The handle, registry and file callbacks are not modelled, nor is
 * the thread that waits for the configuration before it registers (32-157). A user thread that
 * creates a thread in another process does not occur in the worlds; the first thread of a new
 * process is such a thread, and so the trace of a remote thread is written for it.
 */
import { defineDriver, type Expectation } from "loophole-fuzz";

export const driver = defineDriver("jonmon", (d) => {
  d.origin(
    "https://github.com/jonny-jhnson/JonMon",
    "ce5de1c7c647b972da096acee57540bb72854dd5",
    "Modelled by reading; no code copied.",
  );

  d.onProcess("CreateProcessNotifyRoutineEx", (a) => {
    a.when(a.isExit(), () => a.return()).at("callbacks.cpp:612");
    const commandLine = a.ExAllocatePool2().at("callbacks.cpp:629");
    a.when(commandLine.failed(), () => a.return()).at("callbacks.cpp:630");
    a.EtwWrite().at("callbacks.cpp:660");
    a.ExFreePool().at("callbacks.cpp:677");
  }).at("callbacks.cpp:601");

  d.onProcess("TerminateProcessNotifyRoutine", (a) => {
    a.when(a.isExit(), () => {
      a.EtwWrite().at("callbacks.cpp:772");
    }).at("callbacks.cpp:766");
  }).at("callbacks.cpp:756");

  d.onThread("PsCreateThreadNotifyRoutine", (a) => {
    a.when(a.isExit(), () => a.return()).at("callbacks.cpp:544");
    const inSystem = a.currentIs("system").or(a.subjectIs("system"));
    a.when(a.currentIs("subject").or(inSystem), () => a.return()).at("callbacks.cpp:549");
    a.PsLookupProcessByProcessId().label("target").at("callbacks.cpp:563");
    a.PsLookupProcessByProcessId().label("source").at("callbacks.cpp:569");
    a.EtwWrite().at("callbacks.cpp:579");
  }).at("callbacks.cpp:527");

  d.onImage("LoadImageRoutine", (a) => {
    a.EtwWrite().at("callbacks.cpp:174");
  }).at("callbacks.cpp:162");
});

/** Clean: no lock, no wait, no call that another process could hold up. */
export const expected: Expectation = {};
