/**
 * SysMon of the book "Windows Kernel Programming": each callback allocates a record and appends it to
 * a list under a fast mutex; a program reads the list. The image callback asks for the file's name.
 *
 * Source: zodiacon/windowskernelprogrammingbook2e, commit 4e54f1a5, MIT; modelled by reading; no code
 * copied. Read, in Chapter10/SysMon: SysMon.cpp:39-59 and 70-82 (registering), 100-113 (unload),
 * 119-151 (reading), 154-272 (the callbacks), Globals.cpp (the list), FastMutex.cpp. Nothing was run.
 *
 * What the model leaves out: the records themselves, of which the oldest is freed where there are
 * 10000, and the registry callback. A model has no object that is not initialised yet: DriverEntry
 * registers the callbacks before it initialises the list and its mutex (line 84), so that an event
 * in between uses both as they are.
 */
import { defineDriver, type Expectation } from "loophole-fuzz";

export const driver = defineDriver("wkp-sysmon", (d) => {
  d.origin(
    "https://github.com/zodiacon/windowskernelprogrammingbook2e",
    "4e54f1a5ae2bedf656e54fd762162ebfcfe629b1",
    "Modelled by reading; no code copied.",
  );
  const lock = d.fastMutex("m_Lock");
  const count = d.variable("HasItems", 0);

  const addItem = d
    .routine("AddItem", (r) => {
      r.ExAcquireFastMutex(lock).at("FastMutex.cpp:10");
      r.WriteNoFence(count, 1).at("Globals.cpp:22");
      r.ExReleaseFastMutex(lock).at("FastMutex.cpp:14");
    })
    .at("Globals.cpp:13");

  const onProcess = d
    .onProcess("OnProcessNotify", (a) => {
      const info = a.ExAllocatePool2().at("SysMon.cpp:166");
      a.when(info.failed(), () => a.return()).at("SysMon.cpp:167");
      a.call(addItem).at("SysMon.cpp:188");
    })
    .at("SysMon.cpp:154");

  const onThread = d
    .onThread("OnThreadNotify", (a) => {
      const info = a.ExAllocatePool2().at("SysMon.cpp:215");
      a.when(info.failed(), () => a.return()).at("SysMon.cpp:216");
      a.when(a.isExit(), () => {
        a.PsLookupThreadByThreadId().at("SysMon.cpp:228");
      }).at("SysMon.cpp:226");
      a.call(addItem).at("SysMon.cpp:233");
    })
    .at("SysMon.cpp:213");

  const onImage = d
    .onImage("OnImageLoadNotify", (a) => {
      a.when(a.isImage("driver"), () => a.return()).at("SysMon.cpp:238");
      const info = a.ExAllocatePool2().at("SysMon.cpp:244");
      a.when(info.failed(), () => a.return()).at("SysMon.cpp:245");
      // Whether all APCs are off is not asked first.
      const name = a.FltGetFileNameInformationUnsafe().at("SysMon.cpp:262");
      a.when(name.succeeded(), () => {
        a.FltReleaseFileNameInformation().at("SysMon.cpp:264");
      }).at("SysMon.cpp:262");
      a.call(addItem).at("SysMon.cpp:271");
    })
    .at("SysMon.cpp:237");

  d.driverEntry((a) => {
    const process = a.PsSetCreateProcessNotifyRoutineEx(onProcess, "FALSE").at("SysMon.cpp:39");
    a.when(process.failed(), () => a.return()).at("SysMon.cpp:40");
    const thread = a.PsSetCreateThreadNotifyRoutine(onThread).at("SysMon.cpp:46");
    a.when(thread.failed(), () => {
      a.PsSetCreateProcessNotifyRoutineEx(onProcess, "TRUE").label("undo").at("SysMon.cpp:76");
      a.return();
    }).at("SysMon.cpp:47");
    const image = a.PsSetLoadImageNotifyRoutine(onImage).at("SysMon.cpp:53");
    a.when(image.failed(), () => {
      a.PsRemoveCreateThreadNotifyRoutine(onThread).at("SysMon.cpp:74");
      a.PsSetCreateProcessNotifyRoutineEx(onProcess, "TRUE").label("undo-both").at("SysMon.cpp:76");
    }).at("SysMon.cpp:54");
  });

  d.driverUnload((a) => {
    a.PsRemoveCreateThreadNotifyRoutine(onThread).at("SysMon.cpp:102");
    a.PsSetCreateProcessNotifyRoutineEx(onProcess, "TRUE").at("SysMon.cpp:103");
    a.PsRemoveLoadImageNotifyRoutine(onImage).at("SysMon.cpp:104");
    a.ExAcquireFastMutex(lock).at("FastMutex.cpp:10");
    a.ExReleaseFastMutex(lock).at("FastMutex.cpp:14");
  });
});

/**
 * Clean, and grey. The list's mutex is held for a few lines and nobody is waited for. Asking for a
 * file's name in an image callback, where special kernel APCs may be off, is what B9 warns of. Of this
 * call it is documented that it declines there (SV-28), and the callback then takes the name that it
 * was given: no harm. A file system or filter below that waits for I/O all the same would make it one.
 */
export const expected: Expectation = {};
