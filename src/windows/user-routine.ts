/** What a user thread of the workload does, as a program. */
import { InputError } from "../base/input-error.ts";
import { didYouMean } from "../language/validate-nearest.ts";
import { Op, RootKind } from "../machine/opcodes.ts";
import { emitLoadLibrary } from "./paths/image.ts";
import { emitStart } from "./paths/thread.ts";
import type { System } from "./system.ts";
import { callOfAction } from "./user-calls.ts";

export function userRoutine(system: System, name: string, does: readonly string[]): number {
  const { asm } = system;
  const index = asm.routine({ name, owner: "user", role: "base", family: "" });
  asm.routines[index].pc = asm.here();
  const siteOf = (action: string, api?: string): number =>
    asm.addSite({
      owner: "user",
      routine: name,
      opId: `user ${action}`,
      text: api === undefined ? action : `${api}()`,
      api: api ?? "",
      effects: [],
      users: false,
    });
  if (does.length === 0) asm.site = siteOf("does nothing");
  for (const action of does) {
    asm.site = siteOf(action, (callOfAction as Readonly<Record<string, string>>)[action]);
    asm.emit(Op.userPoint);
    asm.emit(Op.arrive);
    switch (action) {
      case "create":
        asm.emit(Op.call, system.paths.createStaying, 0);
        break;
      case "create and exit":
        asm.emit(Op.call, system.paths.create, 0);
        break;
      case "create and wait":
        asm.emit(Op.call, system.paths.createAndWait, 0);
        break;
      case "create a daemon and wait":
        asm.emit(Op.call, system.paths.createStayingAndWait, 0);
        break;
      case "exit":
        // Its process has no other thread: whatever stands behind it in the list never comes.
        asm.emit(Op.call, system.paths.exit, 0);
        asm.emit(Op.end);
        return index;
      case "create a thread":
        asm.emit(Op.rootBegin, RootKind.operation, 0);
        emitStart(system, `new thread of ${name}`);
        asm.emit(Op.rootEnd, RootKind.operation, 0);
        break;
      case "load a DLL":
        emitLoadLibrary(system, undefined);
        break;
      case "load a driver":
        asm.emit(Op.call, system.paths.loadDriver, 0);
        break;
      default:
        asm.emit(Op.call, pathOf(system, action), 0);
    }
  }
  asm.emit(Op.userPoint);
  asm.emit(Op.park);
  return index;
}

/** What a driver's own tables say that users do. */
function pathOf({ paths, language, scenario }: System, action: string): number {
  const found = paths.act.get(action);
  if (found !== undefined) return found;
  const hint = didYouMean(action, language.actions);
  throw new InputError(`world ${scenario.world.name}`, `nobody can do “${action}”${hint}`);
}
