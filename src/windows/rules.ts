/** The rules as data over observed effects: what breaks one is what a run did, not a name. */
import type { RuleShape } from "../language/shape.ts";

export const rules: readonly RuleShape[] = [
  {
    id: "R1",
    effect: "callbackRunsLong",
    fact: "R1",
    text: "Keep the callback short.",
    why: "Every creation or exit in the system that raises it waits for it.",
  },
  {
    id: "R2",
    effect: "callbackAsksUserMode",
    fact: "R2",
    text: "Do not ask a user-mode service for a verdict.",
    why: "The service may need the very operation that waits for its answer.",
  },
  {
    id: "R3",
    effect: "callbackTouchesRegistry",
    fact: "R3",
    text: "Make no registry calls.",
    why: "They raise other drivers' callbacks and wait for hive locks.",
  },
  {
    id: "R4",
    effect: "callbackWaitsForIpc",
    fact: "R4",
    text: "Do not block on another process.",
    why: "It can be slow, suspended or dead while the event waits.",
  },
  {
    id: "R5",
    effect: "callbackBlocksOnOtherThread",
    fact: "R5",
    text: "Do not synchronise with other threads.",
    why: "The other thread can depend on the operation that raised the callback.",
  },
  {
    id: "R6a",
    effect: "callbackRunsLong",
    fact: "R6a",
    text: "Leave slow work to a system worker thread.",
    why: "Its time is added to the event's.",
  },
  {
    id: "R6b",
    effect: "callbackBlocksOnOtherThread",
    fact: "R6b",
    text: "Leave blocking work to a system worker thread, and go on.",
    why: "Core threads of the system stall behind the callback.",
  },
  {
    id: "R7",
    effect: "callbackAwaitsQueuedWork",
    fact: "R7",
    text: "Having queued work, do not wait for it.",
    why: "The worker's time, and whatever holds up the pool, becomes the callback's.",
  },
  {
    id: "R8",
    effect: "stackTooDeep",
    fact: "R8",
    text: "Mind the kernel stack.",
    why: "Nested callbacks share one small stack.",
  },
  {
    id: "B1",
    effect: "callbackUnregisters",
    fact: "B1",
    text: "Do not remove a callback from inside it.",
    why: "Removal waits until no call of it is running.",
  },
  {
    id: "B2",
    effect: "unloadLeavesCallbacks",
    fact: "B2",
    text: "Remove every registration before unloading.",
    why: "The next event would call into memory that is gone.",
  },
  {
    id: "B5",
    effect: "awaitsWorkHoldingLock",
    fact: "B5",
    text: "Do not wait for a work item while holding a lock.",
    why: "Any item ahead of it that wants the lock stops the queue.",
  },
  {
    id: "B6",
    effect: "workItemNeverEnds",
    fact: "B6",
    text: "A work item must be short and must end.",
    why: "It keeps one of the few system workers from everybody else.",
  },
  {
    id: "B7",
    effect: "workItemQueuedTwice",
    fact: "B7",
    text: "Do not queue an item that is still queued.",
    why: "The list that it stands in is corrupted.",
  },
  {
    id: "B9",
    effect: "apcsDisabled",
    fact: "B9",
    text: "Call file and volume services only where special kernel APCs can be delivered.",
    why: "Their completion is one, and the call waits for it.",
  },
  {
    id: "B9",
    effect: "irqlTooHigh",
    fact: "B9",
    text: "Call PASSIVE_LEVEL services at PASSIVE_LEVEL.",
    why: "Above it, what they wait for may not be deliverable.",
  },
  {
    id: "LEAK",
    effect: "regionLeaked",
    fact: "APC-2",
    text: "Leave locks, regions and the IRQL as the callback, item or thread found them.",
    why: "Whoever runs on in that thread does so with APCs held off, or owns a lock for ever.",
  },
  {
    id: "LOCK",
    effect: "apcsEnabled",
    fact: "SY-14",
    text: "Take an ERESOURCE or push lock only with normal kernel APCs disabled.",
    why: "The holder could be suspended or ended, and everybody else would wait for the lock.",
  },
];

export const rulesByEffect = (effect: string): readonly RuleShape[] =>
  rules.filter((rule) => rule.effect === effect);
