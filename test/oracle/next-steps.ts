/**
 * What a thread does next, in words that both interpreters can say: the kind of the step that it stands
 * ahead of, or that it waits. Words are coarse where the page leaves open of how many steps something is.
 */
import type { Thread } from "./state.ts";

/** At rest, whether for good or until something is queued: who is there is not told of. */
const rests = ["rest", "worker", "processor", "manager", "addWorker", "drawPhase"];

/** Of the pool's manager nothing is told but the paths that it takes. */
export const isManager = ({ todo }: Thread): boolean => todo[todo.length - 1]?.k === "addWorker";

const words: Readonly<Record<string, string>> = {
  back: "back",
  test: "memory",
  store: "memory",
  number: "memory",
  readState: "memory",
  copy: "memory",
  opened: "memory",
  stopping: "memory",
  connect: "memory",
  filterDown: "memory",
  runDown: "memory",
  closeHandles: "memory",
  awaitService: "memory",
  look: "wait",
  lookForLoad: "wait",
  crashes: "wait",
  waiting: "waits",
  replied: "waits",
  awaitLoad: "waits",
  awaitReply: "wait",
  replyCame: "wait",
  take: "fetch",
  set: "set",
  served: "set",
  reset: "reset",
  pulse: "pulse",
  releaseSemaphore: "release",
  releaseMutex: "release",
  unlock: "release",
  leaveLoader: "release",
  acquire: "acquire",
  convert: "convert",
  protect: "protect",
  protectCallback: "protect",
  unprotect: "unprotect",
  unprotectCallback: "unprotect",
  uncount: "unprotect",
  uncountFilter: "unprotect",
  referFilter: "protect",
  freeFilter: "unprotect",
  runDownWait: "run down",
  filterItems: "run down",
  driverObject: "run down",
  drained: "run down",
  send: "send",
  write: "send",
  takeBack: "take back",
  reply: "reply",
  disconnect: "disconnect",
  close: "disconnect",
  closeOne: "disconnect",
  hangUp: "disconnect",
  connectPort: "disconnect",
  enqueue: "enqueue",
  post: "enqueue",
  queueWork: "enqueue",
  queueForeign: "enqueue",
  loadDriver: "enqueue",
  start: "start",
  startUser: "start",
  startOthers: "start",
  spawn: "start",
  insertUser: "start",
  neighbour: "start",
  go: "start",
  nobodyComes: "start",
  created: "die",
  mayFail: "may fail",
  register: "register",
  registerNow: "register",
  removeNow: "unregister",
  terminate: "terminate",
  exitProcess: "terminate",
  tellEnd: "terminate",
  suspend: "suspend",
  suspendNow: "suspend",
};

/** What the page takes for a part of the step that it is for: reads of pointers. */
const parts = ["handOver", "readPointer"];

const drawnFor = ["allocate", "register", "start", "startUser"];

function kindOf({ todo }: Thread): string {
  const next = [...todo].reverse().filter(({ k }) => !parts.includes(k));
  const [one, then] = next;
  if (one?.k === "register" && one.remove === true) return "removeNow";
  // Whether it can be had is drawn for what is allocated, or started.
  const isDrawn = one?.k === "mayFail" && drawnFor.includes(then?.k ?? "");
  return (isDrawn ? then?.k : one?.k) ?? "";
}

/** Undefined: it is at rest. Outside of drivers nobody says whether a wait has begun. */
export function nextOf(t: Thread, isInDriver: boolean): string | undefined {
  const k = kindOf(t);
  if (rests.includes(k)) return undefined;
  const word = words[k] ?? k;
  return word === "wait" && !isInDriver ? "waits" : word;
}
