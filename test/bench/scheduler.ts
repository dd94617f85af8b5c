/**
 * S4 under fast-check's own scheduler: each thread is an asynchronous function, each operation a
 * task that the scheduler lets go when it likes. What a test of asynchronous code would do.
 */
import fc from "fast-check";
import { lockCount, type Plan } from "./s4.ts";

/** Runs the plans so often, and returns how many operations that took. */
export async function schedulerRuns(
  plans: readonly Plan[],
  runs: number,
  seed: number,
): Promise<number> {
  let operations = 0;
  const run = async (s: fc.Scheduler): Promise<void> => {
    const held = new Array<boolean>(lockCount).fill(false);
    const asking = Array.from({ length: lockCount }, (): (() => void)[] => []);
    const operation = (): Promise<void> => {
      operations++;
      return s.schedule(Promise.resolve());
    };
    const take = async (lock: number): Promise<void> => {
      await operation();
      while (held[lock]) {
        // Let go when the lock is, it still has to be scheduled again: the same operation.
        await new Promise<void>((resolve) => asking[lock].push(resolve));
        await s.schedule(Promise.resolve());
      }
      held[lock] = true;
    };
    const giveBack = async (lock: number): Promise<void> => {
      await operation();
      held[lock] = false;
      for (const letGo of asking[lock].splice(0)) letGo();
    };
    const threads = plans.map(async (plan) => {
      for (const [outer, inner] of plan) {
        await take(outer);
        await take(inner);
        await giveBack(inner);
        await giveBack(outer);
      }
    });
    await s.waitFor(Promise.all(threads));
  };
  await fc.assert(fc.asyncProperty(fc.scheduler(), run), { numRuns: runs, seed });
  return operations;
}
