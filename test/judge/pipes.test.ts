/** Who would make room in a full pipe is told, and what would help (SV-33, SV-34). */
import { expect, test } from "vitest";
import { defineDriver } from "../../src/windows/define-driver.ts";
import { world } from "../windows/support/look.ts";
import { deadlockIn, storyOf } from "./support/findings.ts";

const full = (room?: number) =>
  defineDriver("telling", (d) => {
    const pipe = d.port("Pipe", { room });
    d.onProcessCreate("OnCreate", (a) => a.NtWriteFile(pipe));
    d.service("Agent", (s) => {
      const go = s.event("Go", "NotificationEvent");
      s.thread("Serve", (t) => {
        t.WaitForSingleObject(go);
        t.ReadFile(pipe, t.pointer("Message"));
      });
    });
  });

test("a full pipe's chain goes on with who would read from it, and its help is about the pipe", () => {
  const story = storyOf(deadlockIn(full(0), world(), "pipes"));
  expect(story).toContain(
    "waits for room in pipe Pipe: Agent/Serve would have to read from it. Agent/Serve in turn waits for event Go",
  );
  expect(story).toContain("What would help Do not wait for room in the pipe");
  expect(story).toContain("R4");
  expect(story).not.toContain("R2");
});

test("what a pipe has room for is told as a choice of the model's where the driver does not say it", () => {
  const two = world({ workload: ["user1", "user2"].map((name) => ({ name, does: ["create"] })) });
  const choice = "A pipe has room for one message where nothing else is said";
  expect(storyOf(deadlockIn(full(), two, "pipes"))).toContain(choice);
  expect(storyOf(deadlockIn(full(0), world(), "pipes"))).not.toContain(choice);
});
