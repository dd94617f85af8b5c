/** `sc stop` and unloading (sections 9, 10, 14). */
import { type Context, proceed } from "../context.ts";
import { terminate } from "../paths.ts";
import { Crash, type Entry, type Task } from "../state.ts";
import { isUser, nothing, type Rules, str } from "./rule.ts";

export const removalRules: Rules = {
  stopDriver: {
    run(c, t) {
      const services = c.code.scenario.drivers.flatMap(({ services: all }) =>
        all.map(({ name }) => name),
      );
      proceed(
        t,
        { k: "stopping" },
        ...services.flatMap((name): Task[] => [
          { k: "tellEnd", name },
          { k: "awaitService", name },
        ]),
        ...c.code.scenario.drivers.map((_, d): Task => ({ k: "unload", d })),
        { k: "endThread" },
      );
    },
  },
  stopping: {
    // It is part of the arrival, unless a service could connect before it.
    visible: ({ code }) => code.scenario.world.service.condition === "restarted",
    run: (c) => {
      c.state.unloading = true;
    },
  },
  awaitService: {
    // Only one that is created during the run can be missing.
    visible: ({ code }) => code.scenario.world.service.condition === "restarted",
    run(c, t, { name }) {
      if (c.state.processes[str(name)] === undefined) return;
      proceed(t, {
        ...nothing,
        k: "look",
        handles: [{ kind: "process", key: str(name), type: "process" }],
        timeout: "none",
      });
    },
  },
  tellEnd: { visible: true, run: (c, _, task) => terminate(c, str(task.name)) },
  unload: {
    run(c, t, { d }) {
      const driver = c.code.scenario.drivers[d as number];
      const routine = driver.routines.find(({ role }) => role === "unload");
      const own = c.code.registrations.flatMap((one, r) => (one.driver === d ? [r] : []));
      c.marks.add("unload");
      proceed(
        t,
        { k: "owe", root: "lifecycle" },
        ...(routine === undefined ? own.map((r): Task => ({ k: "removeNow", r })) : []),
        // Whether a DriverUnload waits for its driver's items is told in two ways (W26).
        routine !== undefined && c.code.scenario.world.itemsAtUnload === "run on"
          ? { k: "leaveCode" }
          : { k: "driverObject", d },
        ...(routine === undefined
          ? []
          : [{ k: "cleanup", routine: routine.name, driver: d, subject: "" }]),
        ...(routine === undefined ? [] : [{ k: "codeGoes", d }]),
        { k: "paid" },
      );
    },
  },
  driverObject: {
    visible: true,
    enabled: (c, _, { d }) => c.state.counted[d as number] === 0,
    run: () => {},
  },
  codeGoes: {
    run(c, _, { d }) {
      for (const [r, { driver }] of c.code.registrations.entries()) {
        if (driver !== d || !c.state.registrations[r].on) continue;
        c.effects.add(
          `unloadLeavesCallbacks IopUnloadDriver ${c.code.scenario.drivers[driver].name}`,
        );
      }
      c.state.code[d as number] = "goes";
      dropCode(c, d as number);
    },
  },
};

/** The code of a driver that has been unloaded goes as soon as nothing counts on its object (W4). */
export function dropCode(c: Context, d: number): void {
  const { things, strayTimers, code, counted, frames, threads } = c.state;
  if (code[d] !== "goes" || counted[d] > 0) return;
  code[d] = "gone";
  const inside = Object.keys(frames).some((f) => frames[f].driver === d && !isUser(c, f));
  const timers = Object.keys(things).some(
    (key) =>
      things[key].due === true && (things[key].dpc?.driver === d || key.startsWith(`driver ${d}/`)),
  );
  const stray = strayTimers.some(({ driver }) => driver === d);
  // A thread that was started in it and is not there yet; those of services are in code of their own.
  const onTheWay = Object.values(threads).some(
    ({ process, todo }) =>
      process === "System" &&
      todo.some(({ k, entry }) => k === "runThread" && (entry as Entry).driver === d),
  );
  if (inside || onTheWay || timers || stray) throw new Crash("code is gone", undefined);
}
