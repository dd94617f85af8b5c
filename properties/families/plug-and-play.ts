/**
 * Plug and Play notification of device interfaces: IoRegisterPlugPlayNotification. Its callbacks
 * are called at PASSIVE_LEVEL; that a system worker calls them, for each event by itself, is ours: the
 * pages only say who waits for whom.
 */
import { defineApi, defineDriverWith, defineFamily, defineRule } from "loophole-fuzz";

const routine = { name: "CallbackRoutine", kind: { type: "routine", role: "callback" } } as const;

const registers = defineApi({
  name: "IoRegisterPlugPlayNotification",
  params: [routine],
  does: [{ op: "register", routine: { param: "CallbackRoutine" }, remove: "FALSE" }],
  results: ["success", "failure"],
  cost: "lock",
  facts: ["B8"],
  summary: "Registers a Plug and Play callback.",
});

/** Of a callback that removes itself it does not wait for that call: its page says that it may. */
const removes = defineApi({
  name: "IoUnregisterPlugPlayNotificationEx",
  params: [routine],
  does: [{ op: "register", routine: { param: "CallbackRoutine" }, remove: "TRUE", own: "ignored" }],
  results: ["success", "failure"],
  cost: "lock",
  effects: ["unregisters"],
  facts: ["B8"],
  summary: "Removes a Plug and Play callback and waits for its other calls.",
});

/** The synchronous form tells of the change and waits until everybody has been told. */
const reports = defineApi({
  name: "IoReportTargetDeviceChange",
  does: [{ op: "act", action: "a device changes" }],
  effects: ["waitsForDeviceEvent"],
  raises: ["device-interface-change"],
  facts: ["B8"],
  summary: "Raises a Plug and Play event and waits until it has been delivered.",
});

const worker = { routine: "PnpDeviceEventWorker", thread: "DelayedWorkQueue" } as const;

const deviceInterface = defineFamily({
  name: "device-interface",
  events: ["arrival", "removal", "change"],
  context: "a system worker thread",
  forbids: { waitsForDeviceEvent: "callbackAwaitsDeviceEvent" },
  registers: "IoRegisterPlugPlayNotification",
  removes: "IoUnregisterPlugPlayNotificationEx",
  rules: ["B8", "B8-events", "R8", "B2"],
  facts: ["B8"],
  noun: "device event",
  paths: [
    { action: "a device arrives", ...worker, raises: "arrival" },
    { action: "a device is removed", ...worker, raises: "removal" },
    { action: "a device changes", ...worker, awaited: true, raises: "change" },
  ],
});

const text = "Do not block in a Plug and Play callback.";
const why = "Other drivers and programs are told only after it.";
const rules = [
  defineRule({ id: "B8", effect: "callbackBlocksOnOtherThread", fact: "B8", text, why }),
  defineRule({
    id: "B8-events",
    effect: "callbackAwaitsDeviceEvent",
    fact: "B8",
    text: "Do not wait for another device event in a Plug and Play callback.",
    why: "Its delivery can need the thread that this callback is called in.",
  }),
];

export const plugAndPlay = {
  apis: [registers, removes, reports],
  families: [deviceInterface],
  rules,
};
export const defineDriver = defineDriverWith(plugAndPlay);
