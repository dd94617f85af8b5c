/** A driver's objects, registrations and routines get their places in the machine. */
import { bounds } from "../base/bounds.ts";
import { invariant } from "../base/invariant.ts";
import type { createAssembler } from "../language/assembler.ts";
import { keptNames } from "../language/compile.ts";
import type { DriverModel, ObjectDecl } from "../language/model.ts";
import { layFrame, queueCapacity } from "../language/object-words.ts";
import {
  type DriverScope,
  planRoutines,
  type RegistrationPlace,
  recordHeader,
} from "../language/scope.ts";
import type { FamilyForm } from "../language/shape.ts";
import { Tag } from "../machine/layout.ts";
import { families } from "./families/table.ts";
import { unregistersFilter } from "./questions.ts";

/** Families that bind by the same rules. */
const own: ReadonlySet<string> = new Set(families.map(({ name }) => name));

/** @param room Entries of its queues and lists, beyond what a few users bring about. */
export function layDriver(
  asm: ReturnType<typeof createAssembler>,
  driver: DriverModel,
  perProcess: DriverScope["perProcess"],
  forms: ReadonlyMap<string, FamilyForm>,
  room: number,
): DriverScope {
  const globals = new Map<string, { at: number; decl: ObjectDecl }>();
  for (const decl of [...driver.objects, ...driver.services.flatMap((s) => s.objects)]) {
    globals.set(decl.name, { at: asm.alloc(decl, driver.name, queueCapacity + room), decl });
  }
  for (const condition of driver.conditions) {
    if (condition.scope !== "driver") continue;
    const decl: ObjectDecl = { name: condition.name, kind: "variable" };
    globals.set(condition.name, { at: asm.alloc(decl, driver.name), decl });
  }
  const records = new Map<
    string,
    DriverScope["records"] extends ReadonlyMap<string, infer R> ? R : never
  >();
  for (const record of driver.records) {
    const { offsets, template, end } = layFrame(
      record.fields,
      recordHeader + (asm.linkAt === 0 ? 0 : 1),
    );
    const fresh = [0, Tag.record, 1, 1, ...template];
    const words: number[] = new Array(end).fill(0);
    const bases = Array.from({ length: record.max ?? bounds.records.max }, () =>
      asm.allocWords(words),
    );
    const fields = new Map(
      record.fields.map((decl) => [decl.name, { at: offsets.get(decl.name) ?? 0, decl }] as const),
    );
    for (const base of bases) {
      for (const decl of record.fields) {
        asm.objects.set(base + (offsets.get(decl.name) ?? 0), {
          name: `${record.name}.${decl.name}`,
          kind: decl.kind,
          owner: driver.name,
        });
      }
    }
    for (const decl of record.fields)
      asm.recordKeys.add(`${driver.name}.${record.name}.${decl.name}`);
    asm.records.push({ bases, template: fresh, words: end, name: record.name });
    records.set(record.name, { index: asm.records.length - 1, fields });
  }
  const driverObject = asm.alloc(
    { name: "the driver's work items", kind: "EX_RUNDOWN_REF" },
    driver.name,
  );
  const filter = unregistersFilter(driver)
    ? asm.alloc({ name: "the minifilter", kind: "EX_RUNDOWN_REF" }, driver.name)
    : 0;
  const registrations = new Map<string, RegistrationPlace>();
  for (const registration of driver.registrations) {
    const at = asm.alloc(
      { name: `the registration of ${registration.routine}`, kind: "EX_RUNDOWN_REF", initial: 1 },
      driver.name,
    );
    const form = forms.get(registration.family);
    invariant(form !== undefined, "a registration names a family");
    const { family, events } = form;
    registrations.set(registration.routine, { at, family: family.name, events });
  }
  const plans = planRoutines(asm, driver, keptNames);
  for (const { index } of plans.values()) asm.routines[index].module = driverObject;
  for (const { routine, family } of driver.registrations) {
    const index = plans.get(routine)?.index;
    const of = forms.get(family)?.family;
    if (index === undefined || of === undefined) continue;
    asm.routines[index].forbids = of.forbids;
    if (!own.has(of.name)) asm.routines[index].rules = of.rules;
  }
  for (const [name, { at }] of registrations) {
    asm.registrations.set(at, { routine: plans.get(name)?.index ?? 0, owner: driver.name });
  }
  return { driver, plans, globals, perProcess, records, driverObject, filter, registrations };
}
