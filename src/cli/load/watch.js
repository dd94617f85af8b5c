/**
 * A thread of the loading process, which ends the process, and those that it has started, when the
 * parent is gone or when the memory that it takes is more than any driver needs.
 */
import { Socket } from "node:net";

/** As in messages.ts: the parent holds its end for as long as it lives. */
const requestFd = 3;
const bytesMax = 2 * 1024 * 1024 * 1024;
const everyMs = 200;

function end() {
  try {
    // All of its group, which it leads where there are such.
    process.kill(-process.pid, "SIGKILL");
  } catch {}
  process.kill(process.pid, "SIGKILL");
}

const parent = new Socket({ fd: requestFd, readable: true, writable: false });
parent.on("end", end).on("error", end).on("close", end).resume();
setInterval(() => {
  if (process.memoryUsage.rss() > bytesMax) end();
}, everyMs);
