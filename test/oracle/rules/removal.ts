/** `sc stop` and unloading (sections 9, 10, 14). */
import { proceed } from "../context.ts";
import { terminate } from "../paths.ts";
import { Crash, type Task } from "../state.ts";
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
        { k: "rest" },
      );
    },
  },
  stopping: {
    visible: true,
    run: (c) => {
      c.state.unloading = true;
    },
  },
  awaitService: {
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
      if (c.state.unstarted.includes(d as number)) return;
      const driver = c.code.scenario.drivers[d as number];
      const routine = driver.routines.find(({ role }) => role === "unload");
      const own = c.code.registrations.flatMap((one, r) => (one.driver === d ? [r] : []));
      c.marks.add("unload");
      proceed(
        t,
        { k: "owe" },
        ...(routine === undefined ? own.map((r): Task => ({ k: "removeNow", r })) : []),
        { k: "driverObject", d },
        ...(routine === undefined
          ? []
          : [{ k: "cleanup", routine: routine.name, driver: d, subject: "System" }]),
        { k: "paid" },
        // W4: nothing goes that has counts left on the driver object.
        ...(routine === undefined ? [] : [{ k: "codeGoes", d }]),
      );
    },
  },
  driverObject: {
    visible: true,
    enabled: (c, _, { d }) => c.state.counted[d as number] === 0,
    run: () => {},
  },
  codeGoes: {
    visible: (c, _, { d }) => c.state.counted[d as number] > 0,
    enabled: (c, _, { d }) => c.state.counted[d as number] === 0,
    run(c, _, { d }) {
      c.state.unloaded[d as number] = true;
      const inside = Object.keys(c.state.frames).some(
        (f) => c.state.frames[f].driver === d && !isUser(c, f),
      );
      const { things, strayTimers } = c.state;
      const timers = Object.keys(things).some(
        (key) =>
          things[key].due === true &&
          (things[key].dpc?.driver === d || key.startsWith(`driver ${d}/`)),
      );
      const stray = strayTimers.some(({ driver }) => driver === d);
      if (inside || timers || stray) throw new Crash("code is gone", undefined);
      for (const one of c.code.registrations.keys()) {
        const { driver } = c.code.registrations[one];
        if (driver !== d || !c.state.registrations[one].on) continue;
        c.effects.add(
          `unloadLeavesCallbacks IopUnloadDriver ${c.code.scenario.drivers[driver].name}`,
        );
      }
    },
  },
};
