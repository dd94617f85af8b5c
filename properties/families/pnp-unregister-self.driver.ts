import { defineDriver } from "./plug-and-play.ts";

/** The same done well: the callback removes itself, which its page allows, and waits for nobody. */
export const driver = defineDriver("pnp-unregister-self", (d) => {
  d.onDeviceInterfaceArrival("OnArrival", (a) => {
    const open = a.workItem("Open", (w) => {
      w.ZwCreateFile();
    });
    a.IoQueueWorkItem(open, "DelayedWorkQueue");
    a.IoUnregisterPlugPlayNotificationEx(a.self);
  });
});

export const expected = {};
