/** Services: their threads, ports and loader locks (sections 9 and 10). */
import { statementsIn } from "../../src/language/conditions.ts";
import { type Context, raise } from "./context.ts";
import type { Task, Thread } from "./state.ts";

/** Calls that fetch from a port, and the argument that names it. */
const fetching: Readonly<Record<string, string>> = {
  FilterGetMessage: "Port",
  ReadFile: "Pipe",
  NtAlpcSendWaitReceivePort: "Port",
  NtReplyWaitReceivePort: "Port",
};

/** Calls that write to a pipe, likewise. */
const writing: Readonly<Record<string, string>> = { NtWriteFile: "Pipe" };

/** Ports from which the threads of a service fetch. */
export const portsOf = (c: Context, name: string): string[] => portsIn(c, [name], fetching);

/** Pipes to which they write, and from which no service's threads fetch. */
export function pipesOf(c: Context, name: string): string[] {
  const all = c.code.scenario.drivers.flatMap(({ services }) => services.map((one) => one.name));
  const served = portsIn(c, all, fetching);
  return portsIn(c, [name], writing).filter((port) => !served.includes(port));
}

function portsIn(
  { code }: Context,
  services: readonly string[],
  calls: Readonly<Record<string, string>>,
): string[] {
  return code.scenario.drivers.flatMap((driver, i) => {
    const threads = driver.services
      .filter((one) => services.includes(one.name))
      .flatMap((one) => one.threads);
    const fetched = new Set<string>();
    const seen = new Set<string>();
    const look = (routine: string): void => {
      if (seen.has(routine)) return;
      seen.add(routine);
      const body = driver.routines.find((one) => one.name === routine)?.body ?? [];
      for (const one of statementsIn(body)) {
        if (one.kind === "invoke") look(one.routine);
        if (one.kind !== "call") continue;
        const port = one.args[calls[one.api] ?? ""];
        if (typeof port === "object" && "ref" in port) fetched.add(port.ref);
      }
    };
    for (const { routine } of threads) look(routine);
    return driver.objects
      .filter(({ kind, name: port }) => kind === "FLT_PORT" && fetched.has(port))
      .map(({ name: port }) => `driver ${i}/${port}`);
  });
}

/** The threads that a service begins with, its first one first. */
export function serviceThreads(
  c: Context,
  driver: number,
  service: string,
): { routine: string; id: string }[] {
  const { drivers, world } = c.code.scenario;
  const threads = drivers[driver].services.find(({ name }) => name === service)?.threads ?? [];
  return threads.flatMap(({ routine, count }) =>
    Array.from({ length: count === 0 ? 0 : (world.service.threads ?? count) }, (_, n) => ({
      routine,
      id: `${service}/${routine} ${n + 1}`,
    })),
  );
}

export const runServiceThread = (driver: number, service: string, routine: string): Task => ({
  k: "runThread",
  entry: { routine, driver, subject: service, subjectThread: "", causes: 0 },
});

/** What a thread of a service does, from its start on (section 9). */
export function userThreadSteps(
  c: Context,
  { driver, service, routine, id }: ServiceThread,
): readonly Task[] {
  return [
    raise("non-system-thread", "create", service, id),
    ...(loadsDlls(c) ? [{ k: "loaderLock" }] : []),
    { k: "userPoint" },
    runServiceThread(driver, service, routine),
    { k: "userPoint" },
    { k: "stopPoint" },
    { k: "leave" },
  ];
}

export interface ServiceThread {
  readonly driver: number;
  readonly service: string;
  readonly routine: string;
  readonly id: string;
}

export const serviceThread = (c: Context, one: ServiceThread): Task => ({
  k: "insertThread",
  id: one.id,
  process: one.service,
  todo: userThreadSteps(c, one),
});

function loadsDlls({ code }: Context): boolean {
  return code.statements.some((one) => one.kind === "call" && one.api === "LoadLibrary");
}

/** The loader lock of the running thread's process. */
export function loaderStep(t: Thread, k: string, op?: number): Task {
  const key = `${t.process}/loader lock`;
  return { k, op, key, type: "CRITICAL_SECTION", form: "exclusive" };
}
