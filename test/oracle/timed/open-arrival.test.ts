/** The open arrival, as the two interpreters once disagreed about it (section 15). */
import { expect, it } from "vitest";
import { searched } from "../adapter.ts";
import { call, drafted, object, routine, to } from "../draw/draft.ts";
import { agreed } from "./agreed.ts";

it("who asks for a lock later than the skew has not asked in vain: the arrival can be put there", () => {
  const body = [
    call("ZwReadFile"),
    call("KeAcquireSpinLock", { SpinLock: to("Lock") }),
    call("KeReleaseSpinLock", { SpinLock: to("Lock") }),
  ];
  const one = drafted(
    1,
    {
      objects: [object("Lock", "KSPIN_LOCK")],
      routines: [routine("callback", "OnEvent", body)],
      registrations: [{ family: "image-exe", routine: "OnEvent" }],
    },
    [["create"], ["create"]],
  );
  // The second one is put next to where the first one's process takes the lock: some of its time is skew.
  expect(agreed(one, "operation")).toContain(999);
});

it("a request that rests until a late arrival ends it has taken no longer for that", () => {
  const one = drafted(
    1,
    {
      objects: [object("Pending", "IO_CSQ"), object("Irp", "pointer")],
      routines: [
        routine("callback", "OnEvent", []),
        routine("request", "OnControl", [call("IoCsqInsertIrp", { Csq: to("Pending") })]),
        routine("userThread", "First", [
          call("DeviceIoControl", { Request: { routine: "OnControl" } }),
        ]),
        routine("cleanup", "OnCleanup", [
          call("IoCsqRemoveNextIrp", { Csq: to("Pending"), Irp: to("Irp") }),
          call("IoCompleteRequest", { Irp: to("Irp") }),
        ]),
      ],
      registrations: [{ family: "process-exit", routine: "OnEvent" }],
      services: [{ name: "Service", objects: [], threads: [{ routine: "First", count: 1 }] }],
    },
    [],
    { removal: "racing" },
  );
  const took = agreed(one, "request");
  expect(took).not.toEqual([]);
});

/** A callback that takes a lock and gives it back, in a run with two who arrive, or with one. */
const locking = (removal: "racing" | "none") =>
  drafted(
    1,
    {
      objects: [object("Mutex", "FAST_MUTEX"), object("Port", "FLT_PORT")],
      routines: [
        routine("callback", "OnEvent", [
          call("ExAcquireFastMutex", { FastMutex: to("Mutex") }),
          call("ExReleaseFastMutex", { FastMutex: to("Mutex") }),
          call("FltSendMessage", { Port: to("Port"), Reply: "reply" }),
        ]),
      ],
      registrations: [{ family: "non-system-thread-create", routine: "OnEvent" }],
      services: [{ name: "Service", objects: [], threads: [] }],
    },
    [["create a thread"]],
    { removal },
  );

it("where a random run settles an arrival nobody's time depends on it any more, as in the same run step by step", () => {
  expect(searched(locking("racing")).walks.others).toEqual([]);
  expect(searched(locking("none")).walks.others).toEqual([]);
});
