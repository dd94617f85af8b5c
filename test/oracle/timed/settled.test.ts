/** More of what the two once disagreed about in time, each settled by the page. */
import { expect, it } from "vitest";
import { call, drafted, object, routine, to } from "../draw/draft.ts";
import { succeeded } from "../draw/sketch.ts";
import { agreed } from "./agreed.ts";

it("of processors that are idle one that a DPC has kept longer is not like the other (sections 8 and 15)", () => {
  const queues = call("KeInsertQueueDpc", { Dpc: { routine: "Dpc" } });
  const one = drafted(
    1,
    {
      objects: [object("Done", "NotificationEvent")],
      routines: [
        routine("callback", "OnEvent", [
          call("PsCreateSystemThread", { StartRoutine: { routine: "Thread" } }),
          queues,
        ]),
        routine("systemThread", "Thread", [{ ...queues }]),
        routine("dpc", "Dpc", [call("KeSetEvent", { Event: to("Done") })]),
      ],
      registrations: [{ family: "image-exe", routine: "OnEvent" }],
    },
    [["create"]],
  );
  expect(agreed(one, "callback").length).toBeGreaterThan(0);
});

it("a slow service can stop ahead of a call that may fail, as ahead of any other (section 10)", () => {
  const one = drafted(
    1,
    {
      routines: [routine("userThread", "Worker", [call("CreateProcess")])],
      registrations: [],
      services: [{ name: "Service", objects: [], threads: [{ routine: "Worker", count: 1 }] }],
    },
    [["load a DLL"]],
    { service: { condition: "slow" } },
  );
  expect(Math.max(...agreed(one, "operation"))).toBeGreaterThan(0);
});

it("who waits alertably in kernel mode hears that he is to end, as in user mode: the run goes on for that (sections 7 and 13)", () => {
  const asks = (how: object): void => {
    const waits = call("KeWaitForSingleObject", { Object: to("Never"), ...how });
    const one = drafted(
      1,
      {
        objects: [object("Never", "NotificationEvent")],
        routines: [
          routine("userThread", "Asker", [
            call("DeviceIoControl", { Request: { routine: "OnControl" } }),
          ]),
          routine("request", "OnControl", [waits]),
        ],
        services: [{ name: "Service", objects: [], threads: [{ routine: "Asker", count: 1 }] }],
      },
      [],
      { service: { condition: "target" } },
    );
    agreed(one, "request");
  };
  asks({ Alertable: "TRUE" });
  asks({ WaitMode: "UserMode" });
  asks({});
});

it("a callback is registered in a step that others see, also where nobody looks for it: it can book skew (sections 9 and 15)", () => {
  const costs = { kind: "other", name: "Works", costUs: 50, irql: "DISPATCH_LEVEL" } as const;
  const shortest = (isHeard: boolean): number => {
    const queues = call("IoQueueWorkItem", {
      WorkItem: { routine: "Item" },
      QueueType: "DelayedWorkQueue",
    });
    const one = drafted(
      1,
      {
        objects: [object("Count", "variable")],
        routines: [
          ...(isHeard ? [routine("callback", "OnEvent", [])] : []),
          routine("workItem", "Item", [
            call("InterlockedIncrement", { Target: to("Count") }),
            costs,
          ]),
          routine("entry", "DriverEntry", [queues]),
        ],
        registrations: isHeard ? [{ family: "image-driver", routine: "OnEvent" }] : [],
      },
      [],
    );
    return agreed(one, "item")[0];
  };
  expect(shortest(true)).toBe(shortest(false) - 1);
});

it("a request that creates a thread causes callbacks: until one of them has completed its IRP it is not at rest (section 12)", () => {
  const longest = (api: string): number => {
    const irp = { Irp: to("Irp") };
    const one = drafted(
      1,
      {
        objects: [object("Pending", "IO_CSQ")],
        routines: [
          routine(
            "callback",
            "OnEvent",
            [
              call("IoCsqRemoveNextIrp", { Csq: to("Pending"), ...irp }, "next"),
              succeeded("next", [call("IoCompleteRequest", irp)]),
            ],
            { locals: [object("Irp", "pointer")] },
          ),
          routine("request", "OnControl", [
            call(api),
            call("IoCsqInsertIrp", { Csq: to("Pending") }),
          ]),
          routine("userThread", "Asker", [
            call("DeviceIoControl", { Request: { routine: "OnControl" } }),
          ]),
        ],
        registrations: [{ family: "image-exe", routine: "OnEvent" }],
        services: [{ name: "Service", objects: [], threads: [{ routine: "Asker", count: 1 }] }],
      },
      [["create"]],
    );
    return agreed(one, "request").at(-1) ?? 0;
  };
  expect(longest("DbgPrint")).toBeLessThan(100);
  expect(longest("RtlCreateUserThread")).toBeGreaterThan(1_000);
});

it("who was leaving when he was told to end hears nothing of it: the run is over ahead of his thread's end (section 13)", () => {
  const one = drafted(
    1,
    {
      routines: [routine("userThread", "Serve", [])],
      registrations: [],
      services: [{ name: "Agent", objects: [], threads: [{ routine: "Serve", count: 1 }] }],
    },
    [],
    { service: { condition: "hung" }, removal: "racing" },
  );
  expect(agreed(one, "lifecycle").length).toBeGreaterThan(0);
});
