/** A process that was suspended goes on once it is resumed as often (APC-6, SV-41). */
import { expect, test } from "vitest";
import { defineDriver } from "../../src/windows/define-driver.ts";
import { hang } from "./support/hang.ts";
import { look, users } from "./support/look.ts";

const world = { workload: users(["create and exit"]) };

/** A new process is suspended and resumed so often before it runs. */
const newcomer = (suspends: number, resumes: number) =>
  defineDriver("holds", (d) => {
    const exits = d.variable("Exits");
    d.onProcessExit("OnExit", (a) => a.InterlockedIncrement(exits));
    d.onProcessCreate("OnCreate", (a) => {
      for (let i = 0; i < suspends; i++) a.PsSuspendProcess(a.process("subject"));
      for (let i = 0; i < resumes; i++) a.PsResumeProcess(a.process("subject"));
    });
  });

test("SV-41: a process that is resumed before it has begun runs as if it had not been suspended", () => {
  expect(look(newcomer(1, 0), world).finals("Exits")).toEqual([[0]]);
  expect(look(newcomer(1, 1), world).finals("Exits")).toEqual([[1]]);
  expect(look(newcomer(0, 1), world).finals("Exits")).toEqual([[1]]);
});

/** A callback suspends the service, looks at it, and resumes it, or not; the service holds what it needs. */
const scans = (way: "resumes" | "keeps" | "waits meanwhile" | "twice" | "twice, back once") =>
  defineDriver("scans", (d) => {
    const answered = d.event("Answered", "NotificationEvent");
    d.onProcessCreate("OnCreate", (a) => {
      const agent = a.process("service");
      a.PsSuspendProcess(agent);
      if (way.startsWith("twice")) a.PsSuspendProcess(agent);
      if (way === "waits meanwhile") a.KeWaitForSingleObject(answered);
      if (way !== "keeps") a.PsResumeProcess(agent);
      if (way === "twice") a.PsResumeProcess(agent);
      a.KeWaitForSingleObject(answered);
    });
    d.service("Agent", (s) => {
      s.thread("Answers", (t) => t.SetEvent(answered));
    });
  });

test("SV-41: whoever resumes what it has suspended can wait for it, and nobody else", () => {
  expect(look(scans("resumes")).outcomes).toEqual([]);
  expect(look(scans("twice")).outcomes).toEqual([]);
  for (const way of ["keeps", "waits meanwhile", "twice, back once"] as const)
    expect(look(scans(way)).outcomes, way).toEqual(["deadlock"]);
});

test("who would resume the suspended one is told: it stands behind the wait itself", () => {
  expect(hang(scans("waits meanwhile"))).toContain("(circle)");
  expect(hang(scans("keeps"))).not.toContain("(circle)");
});
