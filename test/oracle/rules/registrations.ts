/** Callbacks: raised, registered and removed (CB-U1, CB-U5, CB-Q7). */
import { answer } from "../context.ts";
import { callBack, leaveCallback, raiseNext, register, unprotectCallback } from "../paths.ts";
import type { Rules } from "./rule.ts";

export const registrationsRules: Rules = {
  raise: { run: raiseNext },
  protectCallback: { visible: (c) => c.code.registrationsChange, run: callBack },
  leaveCallback: { run: leaveCallback },
  unprotectCallback: {
    visible: (c) => c.code.registrationsChange,
    run: unprotectCallback,
  },
  register: {
    visible: true,
    run(c, t, task) {
      const { routine } = task.routine as { routine: string };
      const r = c.code.registrations.findIndex((one) => one.routine === routine);
      register(c, t, { ...task, r });
    },
  },
  drained: {
    visible: true,
    enabled: (c, _, task) => c.state.registrations[task.r as number].inside === 0,
    run: (_, t) => answer(t, "success"),
  },
  registerNow: {
    visible: true,
    run(c, _, task) {
      c.state.registrations[task.r as number].on = true;
    },
  },
  removeNow: {
    visible: true,
    run: (c, t, { r }) => register(c, t, { k: "register", r, remove: true }),
  },
};
