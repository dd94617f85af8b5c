/** Timers (SY-23). */
import { answer } from "../context.ts";
import { Unsupported } from "../scenario.ts";
import { Bound } from "../state.ts";
import { on, type Rules } from "./rule.ts";

export const timersRules: Rules = {
  setTimer: {
    visible: true,
    run(c, t, task) {
      const { it } = on(c, t, task);
      const period = task.period as { timeout?: unknown } | undefined;
      if (task.dpc !== undefined || (period !== undefined && period.timeout !== 0))
        throw new Unsupported("DPCs");
      if (Object.values(c.state.things).filter(({ due }) => due === true).length >= 8)
        throw new Bound("timers");
      answer(t, it.due === true ? "success" : "failure");
      it.set = false;
      it.due = true;
    },
  },
  cancelTimer: {
    visible: true,
    run(c, t, task) {
      const { it } = on(c, t, task);
      answer(t, it.due === true ? "success" : "failure");
      delete it.due;
    },
  },
};
