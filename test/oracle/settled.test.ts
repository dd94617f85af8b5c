import { expect, it } from "vitest";
import { agreed, call, driver, scenario, served } from "./once.ts";

/** More of what the two once disagreed about, each settled by the page: here the model or the oracle was wrong. */
const port = { ref: "Port" };

it("a writer gives up where the writing end closes, and takes back what was not written yet (section 9)", () => {
  const fill = call("NtWriteFile", { Pipe: port, Timeout: { timeout: 0 } });
  agreed(scenario(served("image-ntdll", [call("NtWriteFile", { Pipe: port })], [fill]), "create"));
});

it("an operation goes by the pointer as it was read ahead of it, whatever others write there meanwhile (section 7)", () => {
  const irp = { Irp: { ref: "Irp" } };
  const body = [
    call("IoCsqInsertIrp", { Csq: { ref: "Pending" } }),
    call("IoCsqRemoveNextIrp", { Csq: { ref: "Pending" }, ...irp }),
    call("IoCompleteRequest", irp),
  ];
  const asks = call("DeviceIoControl", { Request: { routine: "OnControl" } });
  const one = served("process-create", [], [asks]);
  const [service] = one.services;
  const twice = { ...service, threads: [{ routine: "Answer", count: 2 }] };
  agreed(
    scenario(
      {
        ...one,
        objects: [
          { name: "Pending", kind: "IO_CSQ" },
          { name: "Irp", kind: "pointer" },
        ],
        routines: [
          ...one.routines,
          { name: "OnControl", role: "request" as const, locals: [], body },
        ],
        services: [twice],
      },
      "create",
      { workload: [] },
    ),
  );
});

it("the code that set a timer in memory which has gone since is needed for it: unloading crashes (section 14)", () => {
  const set = call("KeSetTimer", { Timer: { ref: "Local" }, DueTime: { timeout: 1_000 } });
  const timer = { name: "Local", kind: "NotificationTimer" as const };
  const one = driver("process-create", [set]);
  const [routine, ...others] = one.routines;
  const unload = { name: "DriverUnload", role: "unload" as const, locals: [], body: [] };
  const { crashes } = agreed(
    scenario({ ...one, routines: [{ ...routine, locals: [timer] }, unload, ...others] }, "create", {
      removal: "racing",
    }),
  );
  expect(crashes.some((told) => told.includes("unloaded"))).toBe(true);
});
