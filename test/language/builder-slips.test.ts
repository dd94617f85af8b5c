/** Slips that a message answers with what to write instead, at the line of the call. */
import { expect, test } from "vitest";
import { InputError } from "../../src/base/input-error.ts";
import { readWith } from "../../src/corpus/read.ts";
import { worldSchema } from "../../src/corpus/world-schema.ts";
import { defineDriver } from "../../src/windows/define-driver.ts";
import { worldWith } from "../explore/support/worlds.ts";

/** The place and reason of what a driver's definition is refused for; "" for none. */
function refusal(define: Parameters<typeof defineDriver>[1]): { place: string; reason: string } {
  try {
    defineDriver("slips", define);
  } catch (error) {
    if (error instanceof InputError) return { place: error.place, reason: error.reason };
    throw error;
  }
  return { place: "", reason: "" };
}

test("a period as a bare number is refused at its call, with what was meant", () => {
  const set =
    (period: number | "100ms" | "1500us") =>
    (d: Parameters<Parameters<typeof defineDriver>[1]>[0]) => {
      const timer = d.timer("Beat", "NotificationTimer");
      d.driverEntry((a) => a.KeSetTimerEx(timer, "100ms", period));
    };
  const { place, reason } = refusal(set(100));
  expect(place).toMatch(/builder-slips\.test\.ts:\d+/);
  expect(reason).toBe(
    'KeSetTimerEx: Period takes whole milliseconds, not 100; for so many milliseconds write "100ms": a bare number is microseconds',
  );
  expect(refusal(set("1500us")).reason).toContain("takes whole milliseconds");
  for (const period of [0, 2_000, "100ms"] as const) expect(refusal(set(period)).reason).toBe("");
});

test("CreateThread says where what it takes comes from", () => {
  const { reason } = refusal((d) => {
    d.service("Svc", (s) => {
      s.thread("Main", (t) => t.CreateThread("Handle" as never));
    });
  });
  expect(reason).toContain('takes a user thread, as s.thread hands it back, not "Handle"');
  const well = refusal((d) => {
    d.service("Svc", (s) => {
      const work = s.thread("Work", (t) => t.Compute("1ms"), { count: 0 });
      s.thread("Main", (t) => t.CreateThread(work));
    });
  });
  expect(well.reason).toBe("");
});

test("of a world that lacks several parts all are named at once", () => {
  const read = (value: unknown) => (): unknown =>
    readWith(worldSchema, value, "a.driver.ts", ["worlds", 0]);
  const workload = [{ name: "user1", does: ["create"] }];
  expect(read({ name: "w", workload })).toThrow(
    "worlds[0]: pool, service, startup and removal are missing",
  );
  const whole = { ...worldWith({}), workload };
  expect(read(whole)).not.toThrow();
  const { removal: _, ...lacking } = whole;
  expect(read(lacking)).toThrow("removal");
});
