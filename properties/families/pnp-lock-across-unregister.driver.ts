import type { Expectation } from "loophole-fuzz";
import { defineDriver } from "./plug-and-play.ts";

/** Unloading removes the callback under the lock that the callback takes. */
export const driver = defineDriver("pnp-lock-across-unregister", (d) => {
  const lock = d.mutex("DeviceListLock");
  const onChange = d.onDeviceInterface("OnDeviceInterface", (a) => {
    a.when(a.isEvent("change"), () => a.return());
    a.KeWaitForMutexObject(lock);
    a.KeReleaseMutex(lock);
  });
  d.driverUnload((a) => {
    a.KeWaitForMutexObject(lock);
    a.IoUnregisterPlugPlayNotificationEx(onChange);
    a.KeReleaseMutex(lock);
  });
});

export const expected: Expectation = {
  deadlock: ["DriverUnload waits for rundown > callback waits for a KMUTEX (circle)"],
};
