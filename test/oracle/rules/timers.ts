/** Timers (SY-23). */
import { entryFor } from "../activations.ts";
import { answer, type Context, frameOf } from "../context.ts";
import { Bound, Crash, type Entry } from "../state.ts";
import { setEvent } from "../waits.ts";
import { queueDpc } from "./dpcs.ts";
import { on, type Rules, str } from "./rule.ts";

const timersMax = 8;

/** A set timer falls due: it is signalled, and its DPC queued, in one step. */
export function fallDue(c: Context, key: string): void {
  c.marks.add("a timer falls due");
  const it = c.state.things[key];
  if (it.period !== true) delete it.due;
  if (it.dpc !== undefined) queueDpc(c, it.dpc);
  setEvent(c, key);
}

export function strayDue(c: Context, place: number): void {
  const { op, kind } = c.state.strayTimers[place];
  throw new Crash(kind, op);
}

export const timersRules: Rules = {
  setTimer: {
    visible: true,
    run(c, t, task) {
      const { it } = on(c, t, task);
      const period = task.period as number | { timeout?: unknown } | undefined;
      const each = typeof period === "object" ? period.timeout : period;
      const dpc = task.dpc as { routine: string } | undefined;
      const isSet = it.due === true;
      const set = Object.values(c.state.things).filter(({ due }) => due === true).length;
      if (!isSet && set + c.state.strayTimers.length >= timersMax) throw new Bound("timers");
      it.set = false;
      it.due = true;
      it.period = each !== undefined && each !== 0;
      it.setBy = task.op;
      it.setIn = frameOf(c, str(task.f), task.op).driver;
      it.dpc = dpc === undefined ? undefined : entryFor(c, t, str(task.f), dpc.routine);
      answer(t, "success");
    },
  },
  cancelTimer: {
    visible: true,
    run(c, t, task) {
      const { it } = on(c, t, task);
      answer(t, it.due === true ? "success" : "failure");
      forget(it);
    },
  },
};

function forget(it: {
  due?: boolean;
  period?: boolean;
  dpc?: Entry | undefined;
  setBy?: number | undefined;
  setIn?: number;
}): void {
  delete it.due;
  delete it.period;
  delete it.dpc;
  delete it.setBy;
  delete it.setIn;
}
