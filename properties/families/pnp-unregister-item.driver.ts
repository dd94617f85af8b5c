import type { Expectation } from "loophole-fuzz";
import { defineDriver } from "./plug-and-play.ts";

/** The example of IoUnregisterPlugPlayNotificationEx's page: an awaited work item unregisters. */
export const driver = defineDriver("pnp-unregister-item", (d) => {
  const done = d.event("Done", "NotificationEvent");
  const arrival = d.onDeviceInterfaceArrival("OnArrival", (a) => {
    const item = a.workItem("Unregister", (w) => {
      w.IoUnregisterPlugPlayNotificationEx(a.self);
      w.KeSetEvent(done);
    });
    a.IoQueueWorkItem(item, "DelayedWorkQueue");
    a.KeWaitForSingleObject(done);
  });
});

export const expected: Expectation = {};
