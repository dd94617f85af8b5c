import { expect, test } from "vitest";
import type { Finding } from "../../src/judge/finding.ts";
import { headline, tellFinding } from "../../src/report/story.ts";
import { rules } from "../../src/windows/rules.ts";
import { findings, idlePoolRule, slowScan, useAfterReturn } from "./support/findings.ts";
import { exhaustedPool, lostWakeUp, serviceCreatesProcess } from "./support/hangs.ts";

const plain = (finding: Finding, width = 100): string =>
  tellFinding(finding, { colours: false, width });

/** Without what wrapping and drawing add. */
const running = (text: string): string => text.replace(/[\s│]+/g, " ");

/** From a heading on to the next blank line. */
function section(text: string, title: string): string {
  const lines = text.split("\n");
  const from = lines.indexOf(title);
  return from < 0 ? "" : lines.slice(from, lines.indexOf("", from)).join("\n");
}

test("a queue-and-wait with an exhausted pool is told to its end", () => {
  expect(plain(exhaustedPool)).toMatchInlineSnapshot(`
    "DEADLOCK: process callback AcmeCreateProcess of acme can hang the machine, for good

      DelayedWorkQueue worker 1, in callback AcmeCreateProcess, waits for event ScanDone: work item Scan
      would set it. Work item Scan in turn waits for a free worker of DelayedWorkQueue (all 2 workers
      are occupied), and for that DelayedWorkQueue worker 1 would have to go on first: the waits form a
      circle, and none of them can end.

    What happens
      ● acme, your driver   ○ Windows   ◆ another driver
      Times are the model's own, in milliseconds.

      step     ms     operation                                            outcome         source
                      … 3 steps of Windows
                   DelayedWorkQueue worker 1
         4  0.000  ○  takes the next work item
         5  0.000  ◆    creates a process
         6  0.000  ○      creates a process
         7  1.000  ●        AcmeCreateProcess (process create)                             acme.c:104
         8  1.000  ●          KeInitializeEvent(ScanDone)                                  acme.c:118
         9  1.000  ●          IoQueueWorkItem(Scan, DelayedWorkQueue)                      acme.c:120
        10  1.001  ●          KeWaitForSingleObject(ScanDone, no timeout)  waits for ever  acme.c:121
                      … 3 steps of Windows; steps 4 to 10 again, in DelayedWorkQueue worker 2

    Who does the blocking, in effect
      DelayedWorkQueue worker 1, in callback AcmeCreateProcess
      │ waits at KeWaitForSingleObject(ScanDone, no timeout) (acme.c:121, since step 10)
      │ for event ScanDone: work item Scan would set it
      ▼
      work item Scan
      │ first in DelayedWorkQueue
      │ waits for a free worker of DelayedWorkQueue: all 2 workers are occupied
      ▼
      which closes the circle: DelayedWorkQueue worker 1 → work item Scan → DelayedWorkQueue worker 1.
      Each waits for the next, so none of them can go on.

    Rules that this run breaks
      R5   Do not synchronise with other threads.
           Because the other thread can depend on the operation that raised the callback.
      R6b  Leave blocking work to a system worker thread, and go on.
           Because core threads of the system stall behind the callback.
      R7   Having queued work, do not wait for it.
           Because the worker's time, and whatever holds up the pool, becomes the callback's.

    What would help
      Do not wait for the work item: let it finish by itself, with memory of its own.

    What it takes
      System worker threads that are busy with other drivers' work.
      Found in the world “one create, tiny pool exhausted”.

    What the verdict rests on
      ·  Callbacks run in order of registration.
      ·  No lock of Windows is held around callbacks.

    What the model leaves out
      Thread priorities and competition for processors, paging, and whatever the driver's file does not
      say.
    "
  `);
});

test("a latency is told with where its time goes", () => {
  expect(plain(slowScan)).toMatchInlineSnapshot(`
    "LATENCY: process callback AcmeCreateProcess of acme can hold up the machine for 2.1 s, where a
    callback may take 500 ms

      The largest part, 2 s of 2.1 s (95 %), passes in DelayedWorkQueue worker 1 at “works for a
      second”, which is code of another driver. For 2.1 s user1 does nothing but wait for other threads,
      so their time becomes the callback's.

    What happens
      ● acme, your driver   ○ Windows   ◆ another driver
      Times are the model's own, in milliseconds.

      step         ms     operation                                        outcome         source
                       DelayedWorkQueue worker 1
         1      0.000  ○  takes the next work item
         2      0.000  ◆    works for a second
                       user1
         3      1.000  ○  creates a process
         4      1.001  ●    AcmeCreateProcess (process create)                             acme.c:104
         5      1.001  ●      KeInitializeEvent(ScanDone)                                  acme.c:118
         6      1.001  ●      IoQueueWorkItem(Scan, DelayedWorkQueue)                      acme.c:120
         7      1.002  ●      KeWaitForSingleObject(ScanDone, no timeout)  waits           acme.c:121
                       DelayedWorkQueue worker 1
         8  1 000.000  ○  takes the next work item
         9  1 000.000  ◆    works for a second
        10  2 000.000  ○  takes the next work item
                            in Scan:
        11  2 000.000  ●    ZwReadFile(Image)                                              acme.c:61
        12  2 104.015  ●    KeSetEvent(ScanDone)                           releases user1  acme.c:88
                       user1
                              in AcmeCreateProcess:
        13  2 104.015  ●      KeWaitForSingleObject(ScanDone, no timeout)                  acme.c:121

    Where the time goes, in order
             ms                              who                        what
          0.003  ▏                   0 %     user1                      … 2 short steps
      1 999.000  ███████████████▎   95 %  ◆  DelayedWorkQueue worker 1  works for a second
          2.000  ▏                   0 %  ○  DelayedWorkQueue worker 1  takes the next work item
        102.010  ▊                   5 %  ●  DelayedWorkQueue worker 1  ZwReadFile(Image)
          0.001  ▏                   0 %  ●  DelayedWorkQueue worker 1  KeSetEvent(ScanDone)
      2 103.014                    100 %     in all

    Rules that this run breaks
      R1   Keep the callback short.
           Because every creation or exit in the system that raises it waits for it.
      R6a  Leave slow work to a system worker thread.
           Because its time is added to the event's.
      R6b  Leave blocking work to a system worker thread, and go on.
           Because core threads of the system stall behind the callback.
      R7   Having queued work, do not wait for it.
           Because the worker's time, and whatever holds up the pool, becomes the callback's.
      X9   (no text of ours for this rule)

    What would help
      Do not wait for the work item: let it finish by itself, with memory of its own.

    What it takes
      System worker threads that are busy with other drivers' work.
      Found in the world “one create, tiny pool busy”.

    What the verdict rests on
      ·  A work item of another driver takes 1 s in a busy pool.

    What the model leaves out
      Thread priorities and competition for processors, paging, and whatever the driver's file does not
      say. What each step costs is our assumption, neither measured nor given by Microsoft: read the
      times as orders of magnitude.
    "
  `);
});

test("a lost wake-up says which step set the event, which cleared it, and who asked too late", () => {
  const text = running(plain(lostWakeUp));
  expect(text).toContain("it was set at step 6 and cleared at step 7");
  expect(text).toContain("AcmeTray/MonitorThread asks for it only from step 9 on");
  expect(text).toContain("nobody is left who would set it again");
});

test("a chain that ends in a thread waiting for itself says so, and who stands behind it", () => {
  const text = running(plain(serviceCreatesProcess));
  expect(text).toContain(
    "closes the circle: AcmeSvc/Listen waits for what only AcmeSvc/Listen itself could do",
  );
  expect(text).toContain("user1 stands behind it");
});

test("where a finding says that its chain closes, nobody else has to be named", () => {
  const chain = serviceCreatesProcess.chain.map((link) => ({ ...link, enders: [] }));
  const text = running(plain({ ...serviceCreatesProcess, chain, closesAt: 0 }));
  expect(text).toContain("closes the circle: user1 → AcmeSvc/Listen → user1");
  expect(text).not.toContain("nobody is left");
});

test("a chain is a circle where the finding says so, whoever could end the last wait", () => {
  const text = running(plain({ ...serviceCreatesProcess, closesAt: undefined }));
  expect(text).not.toContain("which closes");
  expect(text).not.toContain("nobody is left");
});

test("what never ends although threads move is not told as a blocked thread", () => {
  const text = running(plain({ ...lostWakeUp, outcome: "livelock" }));
  expect(headline({ ...lostWakeUp, outcome: "livelock" })).toContain("without getting anywhere");
  expect(text).toContain("keeps coming back to KeWaitForMultipleObjects");
  expect(text).not.toContain("waits for ever");
});

test("a long chain is spelled out in the list, and counted in the cause", () => {
  const [first] = exhaustedPool.chain;
  const chain = Array.from({ length: 9 }, (_, i) => ({
    ...first,
    who: { kind: "thread" as const, name: `t${i}` },
    enders: [],
  }));
  const text = running(plain({ ...exhaustedPool, chain, closesAt: 0 }));
  expect(text).toContain("t4 for event ScanDone, so on over 4 more, and for that t0 would have");
  for (const { who } of chain) {
    expect(text).toContain(`▼ ${who.name}`.slice(who.name === "t0" ? 2 : 0));
  }
});

test("a possible finding claims less, and says how far a timing was looked for", () => {
  const text = running(plain(serviceCreatesProcess));
  expect(headline(serviceCreatesProcess)).toMatch(/^POSSIBLE DEADLOCK: .* might hang the machine/);
  expect(text).toContain("were not searched to their end");
  const whole = running(plain({ ...serviceCreatesProcess, timedSearch: "complete" }));
  expect(whole).toContain("no timing of ours shows it");
  expect(whole).not.toContain("not searched");
  expect(running(plain(exhaustedPool))).not.toContain("no timing");
});

test("a crash is explained by its kind, and without one by its mechanism", () => {
  expect(running(plain(useAfterReturn))).toContain(
    "DelayedWorkQueue worker 1 comes to KeSetEvent(ScanDone) in Scan (acme.c:88). What it touches lived on the stack of a routine that has returned since",
  );
  expect(running(plain({ ...useAfterReturn, crash: undefined }))).toContain(
    "Use after return: work item.",
  );
});

test("a rule finding says where the rule is broken, that nothing hangs, and why the rule is there", () => {
  const text = running(plain(idlePoolRule));
  const r7 = rules.find(({ id }) => id === "R7");
  expect(headline(idlePoolRule)).toBe("RULE: process callback AcmeCreateProcess of acme breaks R7");
  expect(text).toContain("(acme.c:121): having queued work, do not wait for it. Nothing hangs");
  expect(text).toContain("waits, breaks R7 acme.c:121");
  expect(text).toContain(r7?.text);
});

test("a rule without a text of ours is named all the same", () => {
  expect(plain({ ...idlePoolRule, rules: ["X9"] })).toContain("X9  (no text of ours");
});

test("only a latency says that its costs are neither measured nor Microsoft's", () => {
  for (const finding of Object.values(findings)) {
    const said = running(plain(finding)).includes("neither measured nor given by Microsoft");
    expect(said).toBe(finding.outcome === "latency");
  }
});

test("a path's parts and its total add up, short parts included", () => {
  const shown = section(plain(slowScan), "Where the time goes, in order").split("\n").slice(2);
  const us = shown.map((line) => Number(line.slice(0, 11).replaceAll(" ", "").replace(".", "")));
  const total = us.pop();
  expect(total).toBe(slowScan.latencyUs);
  expect(us.reduce((a, b) => a + b, 0)).toBe(total);
});

test("time that no part of the path accounts for is shown as such", () => {
  expect(plain({ ...slowScan, latencyUs: 3_000_000 })).toMatch(/896\.986 .*on no step/);
});

test("what Windows does in between is elided, and what the chain or the next caller needs is not", () => {
  const text = section(plain(exhaustedPool), "What happens");
  const steps = plain(exhaustedPool);
  expect(text).not.toBe("");
  expect(steps).toContain("… 3 steps of Windows");
  expect(steps).not.toContain("the manager looks at the queue");
  expect(steps).toMatch(/6 .*○ .*creates a process/);
});

test("what a second thread does just like the first is told in one line, whatever its name", () => {
  const text = plain(exhaustedPool);
  expect(text).toContain("steps 4 to 10 again, in DelayedWorkQueue worker 2");
});

test("a story without times has no column for them", () => {
  expect(plain(lostWakeUp)).not.toMatch(/\bms\b.*operation/);
  expect(plain(lostWakeUp)).toContain("these steps have no times");
});
