/** 400 ms for each DLL: less than a callback may take, and far too much for a launch. Bad (P44). */
import { defineDriver, type Expectation } from "loophole-fuzz";

export const driver = defineDriver("hundred-images", (d) => {
  d.onImageDll("OnDll", (a) => {
    a.KeDelayExecutionThread("400ms");
  });
});

/** Latency: of the launch of a process that maps a hundred DLLs, 40 s where 10 s are allowed. */
export const expected: Expectation = {
  latency: ["callback: delay"],
};
