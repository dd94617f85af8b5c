/** Operands and conditions in words, as a reader of C expects them. */
import { unreachable } from "../base/invariant.ts";
import type { Condition, Operand, ProcessRole, ResultName } from "./model.ts";

/** `ScanDone`, `Callback->Event`, `no timeout`, `the subject process`. */
export function printOperand(operand: Operand): string {
  if (typeof operand !== "object") return String(operand);
  if ("ref" in operand) {
    const field = operand.field === undefined ? "" : `->${operand.field}`;
    const of = operand.of === undefined ? "" : ` of ${processWords[operand.of]}`;
    return `${operand.ref}${field}${of}`;
  }
  if ("objects" in operand) return `{${operand.objects.map(printOperand).join(", ")}}`;
  if ("process" in operand) {
    return operand.process === "service" && operand.service !== undefined
      ? `the process of ${operand.service}`
      : processWords[operand.process];
  }
  if ("thread" in operand) {
    return operand.thread === "current" ? "the current thread" : "the subject's first thread";
  }
  if ("timeout" in operand) return printTimeout(operand.timeout);
  if ("routine" in operand) return operand.routine;
  if ("record" in operand) return operand.record;
  return unreachable(operand, "kind of operand");
}

const processWords: Readonly<Record<ProcessRole, string>> = {
  subject: "the subject process",
  current: "the current process",
  creator: "the creator process",
  service: "the service's process",
};

function printTimeout(timeout: "none" | number | { readonly setting: string }): string {
  if (timeout === "none") return "no timeout";
  if (typeof timeout === "object") return `timeout ${timeout.setting}`;
  return timeout === 0 ? "timeout 0" : `timeout ${printDuration(timeout)}`;
}

/** A time by itself: `100 ms`, or the setting that has it. */
export function printTime(operand: Operand): string {
  const isTime = typeof operand === "object" && "timeout" in operand;
  if (!isTime || operand.timeout === "none") return printOperand(operand);
  const { timeout } = operand;
  if (typeof timeout === "object") return timeout.setting;
  return timeout === 0 ? "0" : printDuration(timeout);
}

/** Microseconds in the largest unit that needs at most three decimals: `2 s`, `1.5 ms`, `40 µs`. */
export function printDuration(us: number): string {
  if (us >= 1_000_000 && us % 1_000 === 0) return `${us / 1_000_000} s`;
  return us >= 1_000 ? `${us / 1_000} ms` : `${us} µs`;
}

/** A condition in words. @param calls What to call the calls whose results it asks, by those. */
export function printCondition(
  condition: Condition,
  calls: ReadonlyMap<string, string> = new Map(),
): string {
  switch (condition.kind) {
    case "event":
      return /^[aeio]/.test(condition.is)
        ? `this is an ${condition.is}`
        : `this is a ${condition.is}`;
    case "role": {
      const service =
        condition.service === undefined ? "the service" : `service ${condition.service}`;
      const is = { service, subject: "the subject", system: "System" }[condition.is];
      return `the ${condition.who} process is ${is}`;
    }
    case "kernelHandle":
      return "it is a kernel handle";
    case "apcsDisabled":
      return "all APCs are disabled";
    case "causedByOwnWork":
      return "the driver itself caused this";
    case "compare":
      return `${printOperand(condition.variable)} ${condition.op} ${condition.value}`;
    case "result":
      return `${calls.get(condition.of) ?? condition.of} ${resultWords[condition.is]}`;
    case "returned":
      return `${calls.get(condition.of) ?? condition.of} ${condition.op} ${condition.value}`;
    case "opaque":
      return condition.name;
    case "not":
      return `not ${printPart(condition.test, calls)}`;
    case "and":
    case "or":
      return condition.tests.map((one) => printPart(one, calls)).join(` ${condition.kind} `);
    default:
      return unreachable(condition, "kind of condition");
  }
}

function printPart(condition: Condition, calls: ReadonlyMap<string, string>): string {
  const words = printCondition(condition, calls);
  return condition.kind === "and" || condition.kind === "or" ? `(${words})` : words;
}

const resultWords: Readonly<Record<ResultName, string>> = {
  success: "succeeded",
  timeout: "timed out",
  failure: "failed",
  terminated: "was broken off by termination",
  disconnected: "found the port disconnected",
  abandoned: "got an abandoned mutex",
  empty: "found nothing",
  object0: "was satisfied by the first object",
  object1: "was satisfied by the second object",
  object2: "was satisfied by the third object",
  object3: "was satisfied by the fourth object",
  alerted: "was ended by an alert",
  userApc: "was ended by a user APC",
};
