/** A callback that does nothing: clean in every world, or the world is wrong. */
import { defineDriver, type Expectation } from "loophole-fuzz";

export const driver = defineDriver("empty", (d) => {
  d.onProcess("OnProcess", () => {});
});

export const expected: Expectation = {};
