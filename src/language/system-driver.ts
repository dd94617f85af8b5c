/** The paths of a family as a driver of the system's: their routines, and the objects they share. */
import type { DriverModel } from "./model.ts";
import type { FamilyShape } from "./shape.ts";

/** A routine for each path, in their order: the first of a name has that name. */
export function systemDriver({ paths = [] }: FamilyShape): DriverModel {
  const objects = new Map(
    paths.flatMap(({ objects: own = [] }) => own.map((decl) => [decl.name, decl] as const)),
  );
  const names = paths.map(({ routine }) => routine);
  return {
    loophole: "driver",
    version: 1,
    name: "Windows",
    objects: [...objects.values()],
    perProcess: [],
    records: [],
    settings: [],
    conditions: [],
    routines: paths.map(({ routine, body }, i) => ({
      name: names.indexOf(routine) === i ? routine : `${routine}_${i}`,
      // Entered by the system, and without a family that it is a callback of.
      role: "cleanup",
      locals: [],
      body,
    })),
    registrations: [],
    services: [],
  };
}
