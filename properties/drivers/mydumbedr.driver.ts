/**
 * MyDumbEDR: for a process of a certain name the callback writes to the pipe of an analyser and reads
 * its verdict, and then to the pipe of a program that injects a DLL, and reads that one's.
 *
 * Source: sensepost/mydumbedr, commit cc84163d, GPL-3; modelled by reading; no code copied. Read:
 * MyDumbEDRDriver/Driver.c:20-127 (the analyser's pipe), 129-235 (the injector's), 237-305 (the
 * callback), 308-320 (unload); the two programs. Nothing was run.
 *
 * What the model leaves out: a pipe is a port, and writing, waiting, reading and waiting again are one
 * exchange through it. Each pipe has one instance: whoever opens it while it is in use is told so, and
 * lets the process start. The injector starts a thread in the process whose creation stands in this
 * callback; whether Windows lets that go ahead before the creation is done was not looked into, and
 * the model says nothing of it. If it does not, the callback never comes back either.
 */
import { defineDriver, type Expectation } from "loophole-fuzz";

export const driver = defineDriver("mydumbedr", (d) => {
  d.origin(
    "https://github.com/sensepost/mydumbedr",
    "cc84163d4138f59324f5c2a56ba896dc3a285240",
    "Modelled by reading; no code copied.",
  );
  const analyzer = d.port("dumbedr_analyzer");
  const injector = d.port("dumbedr_injector");
  const analyzerInUse = d.variable("AnalyzerInUse", 0);
  const injectorInUse = d.variable("InjectorInUse", 0);

  const analyzeBinary = d
    .routine("analyze_binary", (r) => {
      r.ZwCreateFile().at("Driver.c:38");
      const inUse = r.InterlockedExchange(analyzerInUse, 1).label("open");
      r.when(inUse.is(1), () => r.return()).at("Driver.c:123");
      r.ZwFsControlFile(analyzer).at("Driver.c:100");
      r.ZwClose().at("Driver.c:109");
      r.WriteNoFence(analyzerInUse, 0).label("close");
    })
    .at("Driver.c:20");

  const injectDll = d
    .routine("inject_dll", (r) => {
      r.ZwCreateFile().at("Driver.c:145");
      const inUse = r.InterlockedExchange(injectorInUse, 1).label("open");
      r.when(inUse.is(1), () => r.return()).at("Driver.c:231");
      r.ZwFsControlFile(injector).at("Driver.c:209");
      r.ZwClose().at("Driver.c:218");
      r.WriteNoFence(injectorInUse, 0).label("close");
    })
    .at("Driver.c:129");

  const notify = d
    .onProcess("CreateProcessNotifyRoutine", (a) => {
      a.PsLookupProcessByProcessId().at("Driver.c:243");
      a.SeLocateProcessImageName().at("Driver.c:244");
      a.when(a.isExit(), () => a.return()).at("Driver.c:247");
      a.PsLookupProcessByProcessId().label("parent").at("Driver.c:251");
      a.SeLocateProcessImageName().label("parent-name").at("Driver.c:253");
      a.IoQueryFileDosDeviceName().at("Driver.c:261");
      a.when(a.opaque("IsShellcodeInject"), () => {
        a.when(a.opaque("NamesNotepad"), () => {
          a.veto().at("Driver.c:271");
          a.return();
        }).at("Driver.c:269");
        a.call(analyzeBinary).at("Driver.c:276");
        a.call(injectDll).at("Driver.c:279");
        a.when(a.opaque("InjectorSaysNo"), () => {
          a.veto().at("Driver.c:289");
        }).at("Driver.c:282");
      }).at("Driver.c:266");
    })
    .at("Driver.c:237");

  d.driverUnload((a) => {
    a.PsSetCreateProcessNotifyRoutineEx(notify, "TRUE").at("Driver.c:310");
  });

  d.service("StaticAnalyzer", (s) => {
    s.thread("Analyze", (t) => {
      const request = t.pointer("Path");
      t.forever(() => {
        t.FilterGetMessage(analyzer, request).at("StaticAnalyzer.cpp:218");
        t.CreateFile().at("StaticAnalyzer.cpp:165");
        t.Compute("20ms").at("StaticAnalyzer.cpp:46");
        t.FilterReplyMessage(request).at("StaticAnalyzer.cpp:273");
      });
    });
  });

  d.service("RemoteInjector", (s) => {
    s.thread("Inject", (t) => {
      const request = t.pointer("Pid");
      t.forever(() => {
        t.FilterGetMessage(injector, request).at("RemoteInjector.cpp:43");
        t.Compute("1ms").at("RemoteInjector.cpp:56");
        t.FilterReplyMessage(request).at("RemoteInjector.cpp:110");
      });
    });
  });
});

/**
 * Deadlock, with an analyser that hangs (or stands in a debugger): the callback has no timeout, and
 * stands in a critical region, so that ending the creator does not help either. Of an analyser or
 * injector that ends the callback is told: the pipe breaks. Two creations at once do not wait for each
 * other: the second finds no instance of the pipe.
 *
 * Latency: a slow analyser or injector, and with it R1. Rules: R2 and R4 (the answer comes from a
 * service), R5 and R6b (from another thread).
 */
export const expected: Expectation = {
  deadlock: ["callback waits for a reply > service waits for nothing: it is hung"],
  latency: ["service: work"],
  rule: ["R2", "R4", "R5", "R6b"],
};
