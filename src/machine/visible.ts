/** The visible operations, one transition each. */
import { alert, alertedBy, alertWays } from "./alerts.ts";
import { queueApc, resume, suspend } from "./apc.ts";
import { clockwork } from "./clockwork.ts";
import { compare } from "./compare.ts";
import { usOf } from "./durations.ts";
import { enqueue, isQueued } from "./enqueue.ts";
import { Fore, Way } from "./foresight.ts";
import {
  addNumber,
  crash,
  frameOf,
  hitBound,
  insideCallback,
  invalidate,
  resolve,
  staleRecord,
} from "./frames.ts";
import {
  Alternative,
  addressOf,
  Crash,
  E,
  F,
  H,
  P,
  processState,
  Q,
  Result,
  refTo,
  Status,
  T,
  Tag,
  waitFlags,
  waysMax,
} from "./layout.ts";
import { allocate, newProcess, startThread, terminate } from "./life.ts";
import { requestMet } from "./lock-requests.ts";
import { acquire, acquireFree, release } from "./locking.ts";
import { breaches, Event, emit, type Machine } from "./machine.ts";
import { closeWriting, disconnect, fetched, forget, reply, sendMessage } from "./messages.ts";
import { pulseEvent, resetEvent, setEvent, setWays } from "./objects/event.ts";
import { dropLock } from "./objects/exclusive-lock.ts";
import { fromList } from "./objects/list.ts";
import { abandon, abandonWays } from "./objects/mutex.ts";
import { takeEntry } from "./objects/queue.ts";
import { protect } from "./objects/rundown.ts";
import { convertToShared } from "./objects/shared-lock.ts";
import { Connection, Op, stride } from "./opcodes.ts";
import { giveBack } from "./returning.ts";
import { stop } from "./stops.ts";
import { block, resumedDeadline, satisfy, tryWait, withdraw } from "./waits.ts";

const objects = new Int32Array(4);

export function visible(m: Machine, t: number, base: number, alternative: number): void {
  const { words, clocks } = m;
  const { code } = m.program;
  const pc = words[base + T.pc];
  const a = code[pc + 2];
  const next = pc + stride;
  // A lock at a fixed address, which needs no looking up: most of what drivers do.
  const way = m.program.fore[pc + Fore.way];
  if (alternative === Alternative.stop) {
    // Who stops for good stands still from here on.
    if (stop(m, t)) visible(m, t, base, 0);
    return;
  }
  if (way > Way.none) {
    acquireFree(m, t, way, code[pc + 3]);
    words[base + T.pc] = next;
    return;
  }
  switch (code[pc]) {
    case Op.arrive:
      break;
    case Op.backEdge:
      clocks[base] += 1;
      words[base + T.pc] = a;
      return;
    case Op.wait: {
      const flags = code[pc + 7];
      const count = flags & waitFlags.count;
      for (let i = 0; i < count; i++) {
        objects[i] = resolve(m, t, code[pc + 2 + i]);
        if (objects[i] < 0) return;
      }
      const result = tryWait(m, t, objects, count, (flags & waitFlags.all) !== 0);
      const timeoutUs = usOf(m.program.longUs, code[pc + 6]);
      const alerted = result >= 0 ? -1 : alertedBy(m, base, flags);
      if (result >= 0) {
        resumedDeadline(m, base);
        words[base + T.result] = result;
      } else if (alerted >= 0) words[base + T.result] = alerted;
      else if (timeoutUs === 0) words[base + T.result] = Result.timeout;
      else
        return block(m, t, objects, count, flags & ~waitFlags.count & ~waitFlags.timed, timeoutUs);
      requestMet(m, t);
      break;
    }
    case Op.setTimer:
    case Op.cancelTimer:
    case Op.expire:
    case Op.insertDpc:
    case Op.removeDpc:
      if (!clockwork(m, t, pc, alternative)) return;
      break;
    case Op.alert:
      if (alertWays(m, a) > waysMax) return hitBound(m, t, "ways");
      alert(m, t, a, code[pc + 3], alternative);
      break;
    case Op.suspend:
    case Op.resume: {
      const process = resolve(m, t, a);
      if (process < 0) return;
      if (code[pc] === Op.suspend) suspend(m, t, process, code[pc + 3]);
      else resume(m, t, process, code[pc + 3]);
      words[base + T.result] = Result.success;
      break;
    }
    case Op.queueApc:
      queueApc(m, t, base, pc);
      break;
    case Op.set: {
      const object = resolve(m, t, a);
      if (object < 0) return;
      if (setWays(m, object) > waysMax) return hitBound(m, t, "ways");
      setEvent(m, t, object, alternative);
      words[base + T.result] = Result.success;
      break;
    }
    case Op.pulse: {
      const object = resolve(m, t, a);
      if (object < 0) return;
      pulseEvent(m, t, object, alternative);
      words[base + T.result] = Result.success;
      break;
    }
    case Op.reset: {
      const object = resolve(m, t, a);
      if (object < 0) return;
      resetEvent(m, t, object);
      break;
    }
    case Op.acquire:
      // Told to end while it waited: it goes on to where it would be back in user mode.
      if (alternative === Alternative.interrupt) break;
      if (!acquire(m, t, resolve(m, t, a), code[pc + 3])) return;
      break;
    case Op.release:
      if (way === Way.one) dropLock(m, t, a, code[pc + 3] !== 0);
      else if (!release(m, t, pc, alternative)) return;
      break;
    case Op.convert: {
      const lock = resolve(m, t, a);
      if (lock < 0) return;
      convertToShared(m, t, lock);
      break;
    }
    case Op.enqueue:
      if (!enqueue(m, t, base, pc)) return;
      break;
    case Op.freeItem:
      // The pool would run an item whose memory is gone (W19).
      if (isQueued(m, t, a, code[pc + 3])) {
        crash(m, t, Crash.useAfterFree);
        return;
      }
      words[base + T.result] = Result.success;
      break;
    case Op.dequeue: {
      const queue = resolve(m, t, a);
      if (queue < 0) return;
      if (alternative === Alternative.timeout) words[base + T.result] = Result.timeout;
      else if (alternative === Alternative.interrupt) words[base + T.result] = Result.terminated;
      else if (words[queue + Q.count] === 0) words[base + T.result] = Result.disconnected;
      else {
        takeEntry(m, t, queue);
        if (words[queue] === Tag.port) fetched(m, base, queue);
      }
      break;
    }
    case Op.pop:
    case Op.walk:
    case Op.unlink:
      if (!fromList(m, t, base, pc)) return;
      break;
    case Op.choose: {
      const variable = resolve(m, t, a);
      if (variable < 0) return;
      if (code[pc + 4] > 0) words[variable] = alternative * code[pc + 5];
      else if (words[variable] === 0) words[variable] = alternative + 1;
      // Left at the test: it runs on as a local branch.
      if (code[pc + 4] > 0) break;
      return;
    }
    case Op.start:
      if (!startThread(m, t, base, pc)) return;
      break;
    case Op.end: {
      if (abandonWays(m, t) > waysMax) return hitBound(m, t, "ways");
      abandon(m, t, alternative);
      // The status is the thread object's signal state, so it is told before the words go.
      words[base + T.status] = Status.ended;
      const now = clocks[base];
      satisfy(m, base, 0);
      words.fill(0, base + 1, base + words[base + T.top]);
      clocks.fill(0, base, base + m.program.threadWords);
      clocks[base] = now;
      return;
    }
    case Op.newProcess: {
      const slot = newProcess(m, t, a);
      if (slot < 0) return;
      words[frameOf(m, t) + F.subject] = refTo(slot);
      words[frameOf(m, t) + F.thread] = words[slot + P.initialThread];
      words[base + T.result] = Result.success;
      break;
    }
    case Op.register: {
      const isRegistered = words[a + 1] === 0;
      if (isRegistered && code[pc + 3] !== 0) words[base + T.result] = Result.failure;
      // A second slot, or a new one beside calls of the old (CB-U5, CB-Q7): there is one here.
      else if (isRegistered || words[a + 2] !== 0) return hitBound(m, t, "registrations");
      else {
        words[a + 1] = 0;
        words[base + T.result] = Result.success;
      }
      break;
    }
    case Op.unregister: {
      if (insideCallback(m, t, a))
        emit(m, Event.breach, t, code[pc + 1], breaches.indexOf("callbackUnregisters"));
      if (words[a + 1] !== 0) words[base + T.result] = Result.failure;
      else {
        words[a + 1] = 1;
        words[base + T.result] = Result.success;
      }
      break;
    }
    case Op.runDown: {
      const rundown = resolve(m, t, a);
      if (rundown < 0) return;
      if (clocks[rundown] > clocks[base]) clocks[base] = clocks[rundown];
      requestMet(m, t);
      break;
    }
    case Op.protect: {
      const rundown = resolve(m, t, a);
      if (rundown < 0) return;
      const held = protect(m, rundown);
      words[base + T.result] = held ? Result.success : Result.failure;
      if (!held && code[pc + 3] !== 0) {
        words[base + T.pc] = code[pc + 3];
        return;
      }
      break;
    }
    case Op.unprotect:
      giveBack(m, t, base, pc, alternative);
      return;
    case Op.branchShared: {
      const variable = resolve(m, t, a);
      if (variable < 0) return;
      if (clocks[variable] > clocks[base]) clocks[base] = clocks[variable];
      if (!compare(words[variable], code[pc + 3], code[pc + 4])) {
        words[base + T.pc] = code[pc + 5];
        return;
      }
      break;
    }
    case Op.store:
    case Op.add: {
      const variable = resolve(m, t, a);
      if (variable < 0) return;
      if (code[pc] === Op.store) words[variable] = code[pc + 3];
      else if (!addNumber(m, t, variable, code[pc + 3])) return;
      if (code[pc] === Op.add && clocks[variable] > clocks[base]) clocks[base] = clocks[variable];
      clocks[variable] = clocks[base];
      break;
    }
    case Op.readShared: {
      const variable = resolve(m, t, a);
      if (variable < 0) return;
      if (clocks[variable] > clocks[base]) clocks[base] = clocks[variable];
      words[base + T.pointer] = words[variable];
      break;
    }
    case Op.writeShared: {
      const variable = resolve(m, t, a);
      if (variable < 0) return;
      words[variable] = code[pc + 3] === 0 ? words[base + T.pointer] : 0;
      clocks[variable] = clocks[base];
      break;
    }
    case Op.send:
    case Op.pend:
      if (!sendMessage(m, t, base, pc)) return;
      break;
    case Op.reply:
      // Only an answer of user mode is looked at before it is used (SV-31).
      if (a !== 0 && words[base + T.pointer] === 0) {
        crash(m, t, Crash.nullPointer);
        return;
      }
      reply(m, base);
      break;
    case Op.disconnect: {
      const port = resolve(m, t, a);
      if (port < 0) return;
      if (code[pc + 3] === Connection.opens) words[port + Q.flag] = 0;
      else if (code[pc + 3] === Connection.writerCloses) closeWriting(m, t, port);
      else disconnect(m, t, port);
      break;
    }
    case Op.withdraw: {
      const message = resolve(m, t, a);
      if (message < 0) return;
      withdraw(m, refTo(message), E.size, E.reference);
      forget(m, refTo(message));
      break;
    }
    case Op.terminate: {
      const process = resolve(m, t, a);
      if (process < 0) return;
      terminate(m, t, process, code[pc + 3] !== 0);
      break;
    }
    case Op.leaveProcess: {
      const process = addressOf(words[base + T.process]);
      const last = --words[process + P.live] === 0;
      if (clocks[process] > clocks[base]) clocks[base] = clocks[process];
      clocks[process] = clocks[base];
      if (last) words[process + P.state] = processState.exiting;
      words[base + T.result] = last ? Result.success : Result.empty;
      break;
    }
    case Op.processDead: {
      const process = resolve(m, t, a);
      if (process < 0) return;
      words[process + P.state] = processState.dead;
      words[process + P.live] = 0;
      clocks[process] = clocks[base];
      satisfy(m, process, 0);
      break;
    }
    case Op.allocate:
      if (!allocate(m, t, base, a)) return;
      break;
    case Op.reference:
    case Op.dereference: {
      const record = resolve(m, t, a);
      if (record < 0) return;
      const type = m.program.records[code[pc + 3]];
      words[record + 1] += code[pc] === Op.reference ? 1 : -1;
      if (words[record + 1] === 0) {
        const size = type.words;
        words.fill(0, record, record + size);
        clocks.fill(0, record, record + size);
        invalidate(m, t, record, record + size, staleRecord);
      }
      break;
    }
    case Op.fault:
      if (alternative === Alternative.fault) {
        words[H.faultsLeft]--;
        words[base + T.result] = Result.failure;
        words[base + T.pc] = a;
        return;
      }
      break;
    case Op.tick: {
      const queue = resolve(m, t, a);
      if (alternative === 1) words[base + T.result] = Result.success;
      else if (words[queue + Q.flag] === 0) {
        words[queue + Q.flag] = 1;
        words[base + T.result] = Result.empty;
      } else {
        words[queue + Q.flag] = 0;
        words[base + T.result] = Result.success;
      }
      break;
    }
    default:
      break;
  }
  words[base + T.pc] = next;
}
