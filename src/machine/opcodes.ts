/** The machine's instructions: `stride` words each, opcode, site, then operands `a` to `f`. */
export const stride = 8;

export const Op = {
  // Local: run on to the next visible one.
  cost: 1,
  jump: 2,
  branchResult: 3,
  saveResult: 4,
  branchLocal: 5,
  call: 6,
  return: 7,
  critical: 8,
  guarded: 9,
  check: 10,
  rootBegin: 11,
  rootEnd: 12,
  branchRole: 13,
  branchEvent: 14,
  veto: 15,
  branchVeto: 16,
  callback: 17,
  loadPointer: 18,
  storePointer: 19,
  branchCause: 20,
  branchApcs: 21,
  dispatch: 22,
  userPoint: 23,
  storeLocal: 24,
  setResult: 25,
  branchPended: 26,
  effect: 27,
  branchKernelHandle: 28,
  subjectCurrent: 29,
  readyProcess: 30,
  /** A module's code goes, if nothing counts on the rundown at c: its routines are a up to b. */
  unloadCode: 31,
  /** The event is about the thread in the pointer, and its process. */
  subjectThread: 32,
  /** The thread that the event is about may run. */
  readyThread: 33,
  /** Into another process's address space, by a, or back. */
  attach: 34,
  /** IRQL a: raised to, or with 0 in b lowered to. */
  irql: 35,
  /** Jumps to b inside a call of the callback whose registration is at a. */
  branchInside: 36,
  /** IRQL a at least; what it was is kept at b in the frame. */
  raiseIrql: 37,
  /**
   * Leaves a critical regions and b guarded ones, and with c, the IRQL comes back from there in the
   * frame: in one step, so that no APC comes in between.
   */
  leaveLevels: 38,
  /** The request around this code is at rest from here on, or with 1 in a, no longer. */
  rest: 39,
  /** Jumps to a unless a call has begun since the thread's last visible operation; with 1 in b, since its APC began. */
  branchCalled: 40,

  // Visible: scheduling points.
  firstVisible: 41,
  backEdge: 41,
  wait: 42,
  set: 43,
  reset: 44,
  acquire: 45,
  release: 46,
  enqueue: 47,
  dequeue: 48,
  pop: 49,
  choose: 50,
  start: 51,
  end: 52,
  newProcess: 53,
  /** Never enabled: a thread at rest for good. */
  park: 54,
  register: 55,
  unregister: 56,
  runDown: 57,
  protect: 58,
  /**
   * Gives back the protection at a. With 1 in e the thread stands inside of a callback's regions
   * still, b to d as of `leaveLevels`, and leaves them, too: behind that, or, with an APC that waits
   * for it, ahead of that, and then stands at the plain one that comes next.
   */
  unprotect: 59,
  branchShared: 60,
  store: 61,
  add: 62,
  send: 63,
  reply: 64,
  disconnect: 65,
  withdraw: 66,
  terminate: 67,
  leaveProcess: 68,
  processDead: 69,
  allocate: 70,
  reference: 71,
  dereference: 72,
  pend: 73,
  tick: 74,
  fault: 75,
  readShared: 76,
  writeShared: 77,
  /** Exclusive to shared, of the lock at a. */
  convert: 78,
  pulse: 79,
  /** A user APC for, or an alert of, a thread in routine a. */
  alert: 84,
  /** Routine from 1, how far out the frame is that it captures, the thread, whether it is special. */
  queueApc: 80,
  /** Every thread of the process at a runs routine b, from 1, as a normal kernel APC. */
  suspend: 81,
  /** Undoes one such of each thread of the process at a that runs routine b, from 1, or is about to. */
  resume: 95,
  setTimer: 85,
  cancelTimer: 86,
  /** The clock's: a timer that is set falls due. */
  expire: 87,
  insertDpc: 88,
  removeDpc: 89,
  /** Waits until no DPC is queued or running. */
  flushDpcs: 90,
  /** A work item is freed, which must not be queued: the driver's at a, or an activation's of routine b. */
  freeItem: 91,
  /** To the entry behind that in the pointer, or with 1 in b to the first, of the list at a. */
  walk: 82,
  /** The entry in the pointer leaves the list at a. */
  unlink: 83,
  /** A thread of a service enters the kernel: nothing happens, but it can stop ahead of that. */
  systemCall: 92,
  /** A thread leaves code that can go: nothing happens, but until then it is inside. */
  leave: 93,
  arrive: 94,
} as const;

/** Modes of `acquire`: flags. */
/** When a thread arrives, and where the manager's second begins, are questions of time only. */
export const isOfTimesOnly = (code: Int32Array, pc: number): boolean =>
  code[pc] === Op.arrive || (code[pc] === Op.choose && code[pc + 4] > 0);

export const AcquireMode = {
  exclusive: 0,
  shared: 1,
  /** At once or not at all. */
  try: 2,
  /** Shared: past those who wait to write. */
  starve: 4,
  /** Shared: behind those who wait to write, even for one who shares it already. */
  yields: 8,
  /** Leaves regions and IRQL to the caller. */
  plain: 16,
} as const;

/** Modes of `storeLocal`: the value, so much more than there is, the opposite of what there is. */
export const StoreMode = { set: 0, add: 1, negate: 2 } as const;

/** What `disconnect` does; where only the writing end closes, what was written stays (SV-35). */
export const Connection = { closes: 0, opens: 1, writerCloses: 2 } as const;

/** Flags of `enqueue`: it hands over a context; what it counts on refuses it once it is run down. */
export const EnqueueFlags = { context: 1, refused: 2 } as const;

/**
 * Flags of `start`: its creator's path makes it ready; it is one of the starter's own process, where
 * that has not begun to end.
 */
export const StartFlags = { claim: 1, here: 2 } as const;

export const AlertKind = { userApc: 0, alert: 1 } as const;

/** What a root is; `item` is owed only to those who wait for it. */
export const RootKind = {
  callback: 1,
  operation: 2,
  event: 3,
  relief: 4,
  lifecycle: 5,
  item: 6,
  /** From the call that creates a process to its first user instruction. */
  launch: 7,
  /** What a service asks of a driver: its time counts, and nobody owes it an end. */
  request: 8,
} as const;

/** Callbacks of families with a budget of their own: kinds from here on. */
export const ownCallback = 32;
export const isCallbackRoot = (kind: number): boolean =>
  kind === RootKind.callback || kind >= ownCallback;
