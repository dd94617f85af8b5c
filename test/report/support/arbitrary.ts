/** Findings of any shape, with names that need no breaking. */
import fc from "fast-check";
import type { Came } from "../../../src/judge/came.ts";
import type { Actor, Ender, Finding, Link, Wait } from "../../../src/judge/finding.ts";
import { needsLadder } from "../../../src/judge/needs.ts";

const word = fc.stringMatching(/^[a-zA-Z][a-zA-Z0-9]{0,9}$/);
const phrase = fc.array(word, { minLength: 1, maxLength: 12 }).map((words) => words.join(" "));
const us = fc.integer({ min: 0, max: 20_000_000 });
const place = fc.option(
  fc.tuple(word, fc.nat(9_999)).map(([file, line]) => `${file}.c:${line}`),
  { nil: undefined },
);
const thread = fc.constantFrom("user1", "user2", "worker 1", "worker 12", "svc/Listen");
const opId = fc.constantFrom("Notify/KeWait#1", "Notify/KeSet#1", "Scan/KeSet#1", "other");
const operation = fc.oneof(
  phrase,
  fc
    .tuple(word, fc.array(word, { maxLength: 4 }))
    .map(([api, args]) => `${api}(${args.join(", ")})`),
);

const step = fc.record(
  {
    timeUs: us,
    thread,
    owner: fc.constantFrom("acme", "Windows", "AcmeSvc", "another driver"),
    routine: word,
    operation,
    opId,
    came: fc.array(
      fc.constantFrom<Came>(
        { kind: "waits" },
        { kind: "waits", inLine: true },
        { kind: "timesOut" },
        { kind: "crashes" },
        { kind: "releases", thread: "user1" },
      ),
      { maxLength: 2 },
    ),
    at: place,
    depth: fc.nat(12),
  },
  { requiredKeys: ["thread", "owner", "routine", "operation", "opId", "came", "depth"] },
);

const threadActor: fc.Arbitrary<Actor> = fc.record(
  { kind: fc.constant("thread" as const), name: thread, callback: fc.constant("Notify") },
  { requiredKeys: ["kind", "name"] },
);
const actor: fc.Arbitrary<Actor> = fc.oneof(
  threadActor,
  fc.record({
    kind: fc.constant("workItem" as const),
    name: word,
    queue: word,
    ahead: fc.nat(3),
    occupied: fc.nat(3),
  }),
);

const ender: fc.Arbitrary<Ender> = fc.record({
  who: actor,
  relation: fc.constantFrom("holds", "inLine", "wouldEnd", "wouldFetch", "creates"),
  stands: fc.constantFrom("waits", "notStarted", "behindWaiter", "queued", "ended", "runs"),
});

const waited = fc.record({ kind: fc.constantFrom("KMUTEX", "KEVENT"), name: word, owner: word });
const kinds = ["lock", "event", "timer", "variable", "reply", "worker", "entry"] as const;
const wait: fc.Arbitrary<Wait> = fc.oneof(
  fc.record({
    kind: fc.constantFrom(...kinds),
    objects: fc.array(waited, { minLength: 1, maxLength: 2 }),
  }),
  fc.record({ kind: fc.constantFrom("nothing", "ended", "start"), objects: fc.constant([]) }),
);

const link: fc.Arbitrary<Link> = fc.record(
  { who: actor, operation, opId, at: place, wait, enders: fc.array(ender, { maxLength: 3 }) },
  { requiredKeys: ["who", "operation", "opId", "wait", "enders"] },
);

export const anyFinding: fc.Arbitrary<Finding> = fc.record(
  {
    outcome: fc.constantFrom("deadlock", "livelock", "latency", "crash", "rule"),
    possible: fc.boolean(),
    property: fc.constant("deadlock-freedom"),
    driver: fc.constant("acme"),
    family: fc.constant("process"),
    callback: word,
    mechanism: phrase,
    identity: opId,
    needs: fc.constantFrom(...needsLadder),
    rules: fc.subarray(["R1", "R7", "B6", "X9"]),
    latencyUs: us,
    budget: fc.constant({ of: "event", us: 3_000_000 }),
    crash: fc.constantFrom("irql", "useAfterFree", "recursion"),
    world: phrase,
    steps: fc.array(step, { maxLength: 30 }),
    chain: fc.array(link, { maxLength: 7 }),
    closesAt: fc.nat(7),
    path: fc.array(
      fc.record(
        {
          who: threadActor,
          operation,
          opId,
          activity: fc.constantFrom("callback", "workItem", "system"),
          work: fc.constantFrom("delay", "timeout", "work"),
          us,
        },
        { requiredKeys: ["who", "activity", "work", "us"] },
      ),
      { maxLength: 9 },
    ),
    assumptions: fc.array(phrase, { maxLength: 3 }),
  },
  {
    requiredKeys: [
      "outcome",
      "possible",
      "property",
      "driver",
      "family",
      "mechanism",
      "identity",
      "needs",
      "rules",
      "world",
      "steps",
      "chain",
      "assumptions",
    ],
  },
);
