/** What can happen that drivers listen to, as users of a world do it. */
import type { DriverModel } from "../language/model.ts";
import { languageOf, ownPaths } from "../windows/language.ts";
import type { Action } from "../windows/scenario.ts";

/** Whether some driver listens to one of these families, or to one of these events. */
export function listens(
  drivers: readonly DriverModel[],
  families: readonly string[],
  events?: readonly string[],
): boolean {
  const { forms } = languageOf(drivers);
  return drivers.some((d) =>
    d.registrations.some((registration) => {
      const form = forms.get(registration.family);
      if (form === undefined || !families.includes(form.family.name)) return false;
      return events === undefined || form.events.some((event) => events.includes(event));
    }),
  );
}

export const threadFamilies = ["thread", "non-system-thread"];

/** Whether somebody listens to what no family of a driver's own raises, or nobody to anything. */
function listensToWindows(drivers: readonly DriverModel[]): boolean {
  const { extension, forms } = languageOf(drivers);
  const own = new Set(extension.families.map(({ name }) => name));
  const registrations = drivers.flatMap((driver) => driver.registrations);
  return (
    registrations.length === 0 ||
    registrations.some(({ family }) => !own.has(forms.get(family)?.family.name ?? ""))
  );
}

/**
 * What users can do that some driver listens to: a process that is created raises its own event, that
 * of its first thread, and those of its EXE and ntdll.dll; the rest has actions of its own.
 */
export function actionsOf(drivers: readonly DriverModel[]): Action[] {
  const create: Action = raisesExits(drivers) ? "create and exit" : "create";
  return [
    ...(listensToWindows(drivers) ? [create] : []),
    ...(listens(drivers, ["image"], ["dll"]) ? (["load a DLL"] as const) : []),
    ...(listens(drivers, ["image"], ["driver"]) ? (["load a driver"] as const) : []),
    ...ownPaths(drivers).map(({ action }) => action),
  ];
}

export const raisesExits = (drivers: readonly DriverModel[]): boolean =>
  listens(drivers, ["process", ...threadFamilies], ["exit"]);

/** The same, threads that are created, and ends of processes that are there: all that comes to their callbacks. */
export const eventsOf = (drivers: readonly DriverModel[]): readonly Action[] => [
  ...actionsOf(drivers),
  ...(raisesExits(drivers) ? (["exit"] as const) : []),
  ...(listens(drivers, threadFamilies) ? (["create a thread"] as const) : []),
];
