/** Mapping images: of a new process, of a DLL, of a driver. */
import { Mode, operand, Tag } from "../../machine/layout.ts";
import { Op, RootKind } from "../../machine/opcodes.ts";
import { type ImageEvent, imageFamily } from "../families/image.ts";
import type { System } from "../system.ts";
import { beginPath, listens, pathWords, raiseEvent, roots, windowsSite } from "./common.ts";

const words: Readonly<Record<ImageEvent, string>> = {
  exe: "maps the process's image",
  ntdll: "maps ntdll.dll",
  dll: "maps a DLL",
  driver: "maps a driver's image",
};

/** A section is mapped as an image: told of before anything in it runs (CB-I1, CB-I2). */
export function mapImagePath(system: System, event: ImageEvent): number {
  const { asm } = system;
  const name = "MiMapViewOfImageSection";
  const site = windowsSite(system, name, `${name} ${event}`, words[event]);
  const index = beginPath(system, `${name} (${event})`);
  asm.site = site;
  asm.emit(Op.subjectCurrent);
  asm.emit(Op.rootBegin, RootKind.operation, roots.operation);
  asm.emit(Op.cost, system.times.mapImageUs);
  raiseEvent(system, "image", event, site);
  asm.emit(Op.setResult, 0);
  asm.emit(Op.rootEnd, RootKind.operation, roots.operation);
  asm.emit(Op.return);
  return index;
}

export const mapsImages = (system: System): boolean =>
  imageFamily.events.some((event) => listens(system, "image", event));

/**
 * On its way to user mode the initial thread reports the EXE, then ntdll (CB-Q3), then as many DLLs
 * as the world says.
 */
export function emitProcessStart(system: System): void {
  const { asm } = system;
  if (!mapsImages(system)) return;
  asm.emit(Op.call, system.paths.mapImage.exe, 0);
  asm.emit(Op.call, system.paths.mapImage.ntdll, 0);
  for (let i = 0; i < (system.scenario.world.images ?? 0); i++) {
    asm.emit(Op.call, system.paths.mapImage.dll, 0);
  }
}

/** LoadLibrary: the loader lock is held across the callbacks (CB-L3). */
export function emitLoadLibrary(system: System, loaderLock: number | undefined): void {
  const { asm } = system;
  if (loaderLock !== undefined) {
    asm.emit(Op.acquire, loaderLock, 0);
    asm.emit(Op.userPoint);
  }
  asm.emit(Op.call, system.paths.mapImage.dll, 0);
  if (loaderLock !== undefined) asm.emit(Op.release, loaderLock);
}

/**
 * Loading a driver from user mode: the load is done by an item of the Delayed queue, in a system
 * worker thread, and waited for (CB-I3, W15).
 */
export function loadDriverPath(system: System): number {
  const { asm } = system;
  const queue = system.poolQueue("DelayedWorkQueue");
  const done = pathWords;
  const name = "NtLoadDriver";
  const site = windowsSite(system, name, name, "has a driver loaded by a worker, and waits");
  const item = asm.routine({
    name: "IopLoadUnloadDriver",
    owner: "Windows",
    role: "workItem",
    family: "",
    within: name,
  });
  asm.routines[item].pc = asm.here();
  asm.site = windowsSite(system, "IopLoadUnloadDriver", "IopLoadUnloadDriver", "loads the driver");
  asm.emit(Op.call, system.paths.mapImage.driver, 0);
  asm.emit(Op.set, operand(Mode.captured, done));
  asm.emit(Op.return);
  const index = asm.routine({
    name,
    owner: "Windows",
    role: "path",
    family: "",
  });
  asm.routines[index].pc = asm.here();
  asm.routines[index].frameWords = pathWords + 2;
  asm.routines[index].template = [done, Tag.notificationEvent];
  asm.frameObjects.set(`${index}:${done}`, {
    name: "the end of the load",
    kind: "NotificationEvent",
    owner: "Windows",
  });
  asm.site = site;
  asm.emit(Op.subjectCurrent);
  asm.emit(Op.rootBegin, RootKind.operation, roots.operation);
  asm.emit(Op.enqueue, queue, item + 1, 1, 0, 0);
  asm.emit(Op.wait, operand(Mode.local, done), 0, 0, 0, -1, 1);
  asm.emit(Op.setResult, 0);
  asm.emit(Op.rootEnd, RootKind.operation, roots.operation);
  asm.emit(Op.return);
  return index;
}
