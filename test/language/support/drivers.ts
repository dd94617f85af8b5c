/** Drivers at random, written through the builder. */
import fc from "fast-check";
import type { DriverModel } from "../../../src/language/model.ts";
import { defineDriver, type KernelActivation } from "./tables.ts";

type Step =
  | { readonly kind: "call"; readonly which: number; readonly label: boolean }
  | { readonly kind: "when"; readonly test: number; readonly steps: readonly Step[] }
  | { readonly kind: "either"; readonly test: number; readonly steps: readonly Step[] }
  | { readonly kind: "repeat"; readonly steps: readonly Step[] }
  | { readonly kind: "poll"; readonly steps: readonly Step[] }
  | { readonly kind: "drain"; readonly steps: readonly Step[] }
  | { readonly kind: "forever"; readonly steps: readonly Step[] };

const { steps } = fc.letrec<{ step: Step; steps: readonly Step[] }>((tie) => ({
  steps: fc.array(tie("step"), { maxLength: 4 }),
  step: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    fc.record({ kind: fc.constant("call"), which: fc.nat(7), label: fc.boolean() }),
    fc.record({
      kind: fc.constantFrom("when", "either"),
      test: fc.nat(7),
      steps: tie("steps"),
    }),
    fc.record({ kind: fc.constantFrom("repeat", "poll", "forever", "drain"), steps: tie("steps") }),
  ) as fc.Arbitrary<Step>,
}));

/** A driver with a callback and a work item of two bodies at random. */
export const drivers: fc.Arbitrary<DriverModel> = fc
  .record({ callback: steps, item: steps })
  .map(({ callback, item }) =>
    defineDriver("random", (d) => {
      const lock = d.fastMutex("Lock");
      const list = d.list("List");
      const entry = d.pointer("Entry");
      const reply = d.event("Reply", "SynchronizationEvent");
      const count = d.variable("Count");
      const patience = d.setting("Patience", "1s");
      const isOdd = d.opaque("IsOdd", "driver");

      const record = (a: KernelActivation, body: readonly Step[]): void => {
        for (const step of body) {
          const inside = (): void => {
            if (step.kind !== "call") record(a, step.steps);
          };
          if (step.kind === "call") {
            const call = calls[step.which](a);
            if (step.label) call.label(`step-${labels++}`);
          } else if (step.kind === "repeat") a.repeat(2, inside);
          else if (step.kind === "forever") a.forever(inside);
          else if (step.kind === "drain") a.drain(list, entry, inside);
          else if (step.kind === "poll") a.poll({ until: count.atLeast(1), limit: 3 }, inside);
          else {
            const branch = a.when(conditions[step.test](a), inside);
            if (step.kind === "either") branch.otherwise(inside);
          }
        }
      };
      let labels = 0;
      const calls = [
        (a: KernelActivation) => a.ZwReadFile(),
        (a: KernelActivation) => a.KeSetEvent(reply),
        (a: KernelActivation) => a.ExAcquireFastMutex(lock),
        (a: KernelActivation) => a.KeWaitForSingleObject(reply, { Timeout: patience }),
        (a: KernelActivation) =>
          a.KeWaitForMultipleObjects([reply, a.thread("current")], "WaitAll"),
        (a: KernelActivation) => a.InterlockedExchange(count, 2),
        (a: KernelActivation) => a.other("FltFoo", { cost: "2ms", waitsFor: reply }),
        (a: KernelActivation) => a.return(),
      ];
      const conditions = [
        (a: KernelActivation) => a.isCreate(),
        (a: KernelActivation) => a.ZwReadFile().failed(),
        (a: KernelActivation) => a.currentIs("system").not(),
        (a: KernelActivation) => a.apcsDisabled().or(count.below(2)),
        (a: KernelActivation) => a.opaque("Sampled").and(isOdd, a.kernelHandle()),
        () => count.equals(0),
        () => isOdd,
        (a: KernelActivation) => a.InterlockedExchange(count, 1).atLeast(2),
      ];
      const scan = d.workItem("Scan", (w) => record(w, item));
      d.onProcess("Callback", (a) => {
        record(a, callback);
        a.when(isOdd, () => a.IoQueueWorkItem(scan, "CriticalWorkQueue"));
      });
    }),
  );
