/**
 * File I/O in an image callback, which sometimes runs with special kernel APCs off: then the
 * completion never comes (CB-I1, APC-4). Bad.
 */
import { defineDriver, type Expectation } from "loophole-fuzz";

export const driver = defineDriver("image-file-io", (d) => {
  d.onImage("OnImage", (a) => {
    a.ZwReadFile();
  });
});

export const expected: Expectation = {
  deadlock: ["callback waits for a completion"],
  rule: ["B9"],
};
