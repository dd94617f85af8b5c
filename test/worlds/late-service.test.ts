import { expect, test } from "vitest";
import { check } from "../../src/campaign/check.ts";
import { defineDriver } from "../../src/windows/define-driver.ts";
import type { World } from "../../src/windows/scenario.ts";

/** A driver that counts who closes its device, and whose service is asked at each creation. */
const driver = defineDriver("counted", (d) => {
  const closed = d.variable("Closed", 0);
  const onProcess = d.onProcess("OnProcess", (a) => a.ZwReadFile());
  d.onCleanup("DispatchCleanup", (a) => a.InterlockedIncrement(closed));
  d.driverUnload((a) => a.PsSetCreateProcessNotifyRoutineEx(onProcess, "TRUE"));
  d.service("Agent", (s) => {
    s.thread("Listen", (t) => t.Compute("1ms"));
  });
});

const stoppedBeside = (condition: "restarted" | "well"): World => ({
  name: condition,
  workload: [{ name: "user", does: ["create"] }],
  pool: { profile: "tiny", load: "idle" },
  service: { condition },
  startup: "before",
  removal: "racing",
});

test("a service that starts while the driver is being stopped has no handle, so that its end runs nothing of the driver", () => {
  for (const condition of ["restarted", "well"] as const) {
    const { findings, worlds, unreached } = check(
      { drivers: [driver], worlds: [stoppedBeside(condition)] },
      { scope: "default", budget: 20_000, seed: "s" },
    );
    expect(findings.map(({ finding }) => finding.outcome)).toEqual([]);
    expect(worlds[0].claim).not.toBe("bounded");
    // One that had connected closes what it had.
    expect(unreached).toEqual([]);
  }
});
