/** SY-5: who comes back to user mode with a KMUTEX crashes, whatever has become of its region. */
import { expect, it } from "vitest";
import type { Statement } from "../../src/language/model.ts";
import { searched } from "./adapter.ts";
import { call, drafted, object, routine, to } from "./draw/draft.ts";
import { explored } from "./explore.ts";

const takes = call("KeWaitForSingleObject", { Object: to("Mutant") });
const gives = call("KeReleaseMutex", { Mutex: to("Mutant") });
const leaves = call("KeLeaveCriticalRegion");

const crashesOf = (...body: readonly Statement[]): readonly string[] => {
  const scenario = drafted(
    1,
    {
      objects: [object("Mutant", "KMUTEX")],
      routines: [
        routine("request", "OnControl", [call("KeEnterCriticalRegion"), ...body]),
        routine("userThread", "Asker", [
          call("DeviceIoControl", { Request: { routine: "OnControl" } }),
        ]),
      ],
      services: [{ name: "Service", objects: [], threads: [{ routine: "Asker", count: 1 }] }],
    },
    [],
  );
  const { crashes } = searched(scenario);
  expect(crashes).toHaveLength(explored(scenario, 1_000).crashes.length);
  return crashes;
};

it("a mutex whose region was left by hand is one that is kept", () => {
  expect(crashesOf(takes, leaves, leaves)).toHaveLength(1);
});

it("one that is given back is none", () => {
  expect(crashesOf(takes, gives, leaves)).toEqual([]);
});
