/** How an object of a driver stands, in a word that both interpreters can say. */
import type { ObjectDecl } from "../../src/language/model.ts";
import { fresh } from "./context.ts";
import type { State, Thing } from "./state.ts";

export function wordOf(it: Thing, kind: ObjectDecl["kind"]): string {
  switch (kind) {
    case "pointer":
    case "PETHREAD":
      return it.to === undefined || it.to === "" ? "-" : isGone(it.to) ? "gone" : "set";
    case "variable":
      return String(it.value ?? 0);
    case "KSEMAPHORE":
      return String(it.count ?? 0);
    case "KMUTEX":
      return `${it.owner === undefined ? 0 : (it.depth ?? 0)}`;
    case "EX_RUNDOWN_REF":
    case "IO_REMOVE_LOCK":
      return `${it.down === true ? "down" : "up"} ${it.count ?? 0}`;
    case "ERESOURCE":
    case "EX_PUSH_LOCK":
    case "EX_SPIN_LOCK":
      return lockWord(
        it.owner !== undefined,
        sum(Object.values(it.sharers ?? {})),
        it.line?.length ?? 0,
      );
    case "KQUEUE":
    case "LIST_ENTRY":
    case "IO_CSQ":
    case "FLT_PORT":
      return `${causesWord(it.entries ?? [])}${it.gone === true ? " gone" : ""}`;
    default:
      if (/Event$|Timer$/.test(kind)) return it.set === true ? "1" : "0";
      return it.owner === undefined ? "0" : "1";
  }
}

/** A lock that can be shared, and how many stand in line for it. */
export const lockWord = (isOwned: boolean, shares: number, line: number): string =>
  `${isOwned ? "an" : "no"} owner, ${shares} shares${line === 0 ? "" : `, ${line} in line`}`;

/** Entries in order: how many callbacks are behind each; more than two are counted as two. */
export const causesWord = (entries: readonly { readonly causes: number }[]): string =>
  entries.map(({ causes }) => Math.min(2, causes)).join("+") || "0";

const isGone = (to: string): boolean => to === "stale" || to === "freed";

/** One of those that a driver or its services have once. */
export function wordFor(state: State, decl: ObjectDecl, driver: number): string {
  if (decl.kind === "WORK_ITEM") {
    const queued = Object.values(state.pool).flatMap(({ entries }) => entries);
    return queued.some((one) => one.item === decl.name && one.driver === driver) ? "1" : "0";
  }
  return wordOf(state.things[`driver ${driver}/${decl.name}`] ?? fresh(decl), decl.kind);
}

/** A context is somebody else's object, which is told of where that is. */
export const isOwn = ({ context }: ObjectDecl): boolean => context !== true;

export const freshWord = (decl: ObjectDecl): string => wordOf(fresh(decl), decl.kind);

const sum = (all: readonly number[]): number => all.reduce((one, other) => one + other, 0);
