/** Requests that are pended and completed, and what threads of a service do among themselves. */
import type { Statement } from "../../../src/language/model.ts";
import type { Scenario } from "../scenario.ts";
import { after, call, drafted, object, of, type Roll, routine, to, when } from "./draft.ts";

export function requests(roll: Roll, seed: number): Scenario {
  let results = 0;
  const result = (): string => `r${++results}`;
  const section = to("Section");
  const inbox = { Inbox: to("Inbox") };
  const patience = (): object => (roll(3) === 0 ? { Timeout: after(1000) } : {});
  const ask = (): Statement[] => [
    call("DeviceIoControl", { Request: { routine: "OnControl" } }, result()),
  ];
  const among = (): Statement[] =>
    of(roll, [
      ask,
      ask,
      () => [
        call("EnterCriticalSection", { Section: section }),
        ...(roll(2) === 0 ? [call("EnterCriticalSection", { Section: section })] : among()),
        call("LeaveCriticalSection", { Section: section }),
      ],
      () => [call("PostThreadMessage", inbox)],
      () => [call("GetMessage", { ...inbox, ...patience() }, result())],
      () => [call("CreateThread", { StartAddress: { routine: "Extra" } })],
      () => [call("CreateProcess", {}, result())],
      () => [call("InterlockedIncrement", { Target: to("Stopped") }, result())],
    ])();
  const complete = (): Statement[] => {
    const name = result();
    return [
      call("IoCsqRemoveNextIrp", { Csq: to("Pending"), Irp: to("Irp") }, name),
      roll(4) === 0
        ? call("IoCompleteRequest", { Irp: to("Irp") })
        : when({ kind: "result", of: name, is: "success" }, [
            call("IoCompleteRequest", { Irp: to("Irp") }),
          ]),
    ];
  };
  const inKernel = (): Statement[] =>
    of(roll, [
      complete,
      complete,
      () => [call("ZwCreateUserProcess", {}, result())],
      () => [call("RtlCreateUserThread")],
      () => [call("WriteNoFence", { Target: to("Stopped"), Value: 1 })],
      () => [call("ZwTerminateProcess", { Process: { process: "service" } })],
      () => [call("InterlockedExchange", { Target: to("Stopped"), Value: roll(2) }, result())],
    ])();
  const inRequest = (): Statement[] =>
    of(roll, [
      () => [call("IoCsqInsertIrp", { Csq: to("Pending") })],
      () => [call("IoCsqInsertIrpEx", { Csq: to("Pending"), Stopped: to("Stopped") }, result())],
      complete,
      inKernel,
    ])();
  // What a helper pends is the request that it helps with.
  const helps = roll(3) === 0;
  const body = (): Statement[] => [...inRequest(), ...(roll(3) === 0 ? inRequest() : [])];
  const removal = roll(4) === 0 ? "racing" : "none";
  return drafted(
    seed,
    {
      objects: [
        object("Pending", "IO_CSQ"),
        object("Stopped", "variable"),
        object("Irp", "pointer"),
      ],
      routines: [
        routine("callback", "OnEvent", inKernel()),
        routine("request", "OnControl", [
          ...(helps ? [{ kind: "invoke", routine: "Helper" } as const] : []),
          ...(helps && roll(2) === 0 ? [] : body()),
        ]),
        ...(helps ? [routine("function", "Helper", body())] : []),
        routine("userThread", "First", [...among(), ...(roll(2) === 0 ? among() : [])]),
        routine("userThread", "Second", among()),
        routine("userThread", "Extra", among()),
        ...(roll(3) === 0 ? [routine("cleanup", "OnCleanup", complete())] : []),
      ],
      registrations: [
        {
          family: of(roll, [
            "process-create",
            "non-system-thread-create",
            "thread-create",
            "thread-exit",
            "process-exit",
            "image-exe",
          ]),
          routine: "OnEvent",
        },
      ],
      services: [
        {
          name: "Service",
          objects: [object("Section", "CRITICAL_SECTION"), object("Inbox", "KQUEUE")],
          threads: [
            { routine: "First", count: 1 },
            ...(roll(2) === 0 ? [{ routine: "Second", count: 1 }] : []),
            { routine: "Extra", count: 0 },
          ],
        },
      ],
    },
    roll(2) === 0 ? [] : [[of(roll, ["create", "create and exit", "load a DLL"])]],
    {
      service: {
        condition: of(roll, ["well", "well", "hung", "target", "suspended", "restarted"]),
      },
      removal,
    },
  );
}
