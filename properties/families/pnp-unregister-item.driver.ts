import type { Expectation } from "loophole-fuzz";
import { defineDriver } from "./plug-and-play.ts";

/**
 * The example of IoUnregisterPlugPlayNotificationEx's page: a work item unregisters the callback,
 * which waits for the item.
 */
export const driver = defineDriver("pnp-unregister-item", (d) => {
  d.onDeviceInterfaceArrival("OnArrival", (a) => {
    const done = a.event("Done", "NotificationEvent");
    const unregister = a.workItem("Unregister", (w) => {
      w.IoUnregisterPlugPlayNotificationEx(a.self);
      w.KeSetEvent(done);
    });
    a.IoQueueWorkItem(unregister, "DelayedWorkQueue");
    a.KeWaitForSingleObject(done);
  });
});

export const expected: Expectation = {
  deadlock: [
    "callback waits for an event > work item waits for rundown (circle)",
    "callback waits for an event > queued work item waits for a free worker (circle)",
  ],
  latency: [],
  rule: ["B8"],
};
