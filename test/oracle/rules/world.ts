/** What goes on around the drivers (section 10). */
import { proceed } from "../context.ts";
import { mapImage } from "../paths.ts";
import { registersItself, Unsupported } from "../scenario.ts";
import type { Task } from "../state.ts";
import { type Rules, str } from "./rule.ts";

export const worldRules: Rules = {
  startUp: {
    run(c, t) {
      proceed(
        t,
        ...c.code.scenario.drivers.flatMap((driver, d): Task[] => {
          const entry = driver.routines.find(({ role }) => role === "entry");
          const own = c.code.registrations.flatMap((one, r) => (one.driver === d ? [r] : []));
          const isItself = entry !== undefined && registersItself(driver.routines, entry);
          return [
            { k: "owe", root: "lifecycle" },
            ...(entry === undefined
              ? []
              : [
                  { k: "cleanup", routine: entry.name, driver: d, subject: "" },
                  { k: "entryIsBack", own, d },
                ]),
            ...(isItself ? [] : own.map((r): Task => ({ k: "registerNow", r, driver: d }))),
            { k: "paid" },
          ];
        }),
        { k: "foreign" },
        { k: "go" },
      );
    },
  },
  /** A DriverEntry that came back early, of which no callback is registered, has failed (section 9). */
  entryIsBack: {
    run(c, t, { isEarly, own, d }) {
      const { registrations, faults } = c.state;
      const isStruck = c.code.scenario.world.startup.startsWith("failing") && faults === 0;
      if (isEarly !== true || !isStruck) return;
      if ((own as number[]).some((r) => registrations[r].on)) return;
      t.todo = [];
      proceed(t, { k: "codeGoes", d }, { k: "paid" }, { k: "nobodyComes" });
    },
  },
  nobodyComes: {
    visible: true,
    run(c, t) {
      c.state.released = true;
      c.marks.add("a DriverEntry fails");
      proceed(t, { k: "rest" });
    },
  },
  go: {
    visible: true,
    run(c, t) {
      c.state.released = true;
      for (const one of Object.values(c.state.threads)) {
        if (one.begun || one.ended || !one.id.startsWith("!")) continue;
        one.begun = true;
        c.woken.push(one.id);
      }
      proceed(t, { k: "rest" });
    },
  },
  /** In the timed reading somebody can come at any moment. */
  arrive: { visible: (c) => c.state.times !== undefined, run: () => {} },
  act: {
    run(_c, t, task) {
      const create = (fate: string): Task[] => [{ k: "owe" }, { k: "createProcess", fate }];
      const awaited: Task[] = [{ k: "userPoint" }, { k: "awaitChild" }];
      switch (task.what) {
        case "create":
          return proceed(t, ...create("stays"));
        case "create and exit":
          return proceed(t, ...create("exits"));
        case "create and wait":
          return proceed(t, ...create("exits"), ...awaited);
        case "create a daemon and wait":
          return proceed(t, ...create("stays"), ...awaited);
        case "exit":
          return proceed(t, { k: "leave" });
        case "load a DLL":
          return proceed(t, ...mapImage("dll", t.process, t.id));
        case "create a thread": {
          const id = `${t.id} thread ${(task.n as number) + 1}`;
          // Its time is that of the path.
          return proceed(t, { k: "owe", root: "unclocked" }, { k: "spawn", id }, { k: "paid" });
        }
        case "load a driver":
          return proceed(t, { k: "owe" }, { k: "loadDriver" }, { k: "paid" });
        default:
          throw new Unsupported(str(task.what));
      }
    },
  },
};
