/**
 * fast-check arbitraries for drivers, worlds and scenarios. They read the grammar that the tables
 * carry as data: a new API or family is generated without a change here.
 */
import type { Arbitrary } from "fast-check";
import { InputError } from "../base/input-error.ts";
import { joined, noExtension, type PartialExtension } from "../language/extension.ts";
import type { DriverModel } from "../language/model.ts";
import type { Language } from "../language/shape.ts";
import { compileScenario } from "../windows/compile-scenario.ts";
import { languageOf, languageWith, windowsTables } from "../windows/language.ts";
import type { Scenario, World } from "../windows/scenario.ts";
import { dataArbitrary } from "./data-arbitrary.ts";
import { type DriverOptions, drawDriver } from "./driver.ts";
import { smallSizes, usualSizes } from "./features.ts";
import { type Grammar, grammarOf } from "./grammar.ts";
import { isDriver, smallerDrivers } from "./smaller.ts";
import { drawWorld, smallerWorlds } from "./world.ts";

const windows: Grammar = grammarOf(windowsTables);

const grammars = new WeakMap<PartialExtension, Grammar>();

/** Windows with tables that somebody adds; of the same tables made once. */
function grammarWith(extension: PartialExtension): Grammar {
  if (extension === noExtension) return windows;
  const known = grammars.get(extension);
  if (known !== undefined) return known;
  const made = grammarOf(windowsTables, languageWith([extension]).extension);
  grammars.set(extension, made);
  return made;
}

const grammarOfDrivers = (given: readonly DriverModel[]): Grammar =>
  grammarWith(languageOf(given).extension);

export interface GenerateOptions extends DriverOptions {
  /** The tables that drivers are drawn from. Default: those of Windows. */
  readonly language?: Language;
  /** Tables beside them, which the drivers that use them bring along. */
  readonly extension?: PartialExtension;
}

function grammarFor({ language, extension = noExtension }: GenerateOptions): Grammar {
  if (language === undefined) return grammarWith(extension);
  return grammarOf(language, extension === noExtension ? noExtension : joined([extension]));
}

/** Well-formed drivers: each passes `checkDriver`, and so does all that it shrinks to. */
export function drivers(options: GenerateOptions = {}): Arbitrary<DriverModel> {
  const grammar = grammarFor(options);
  return dataArbitrary<DriverModel>({
    draw: (draw, small) => drawDriver(draw, grammar, small ? smallSizes : usualSizes, options),
    accepts: (value): value is DriverModel => isDriver(value, grammar.base),
    smaller: (driver) => smallerDrivers(driver, grammar),
  });
}

/** Worlds around drivers that are given. */
export function worldsAround(given: readonly DriverModel[]): Arbitrary<World> {
  const grammar = grammarOfDrivers(given);
  return dataArbitrary<World>({
    draw: (draw, small) => drawWorld(draw, given, grammar, small),
    accepts: (value): value is World => fits({ drivers: given, world: value as World }),
    smaller: (world) => smallerWorlds(given, world),
  });
}

/** A driver in a world. Those of the world's things that it has nothing to do with are plain. */
export function scenarios(options: GenerateOptions = {}): Arbitrary<Scenario> {
  const grammar = grammarFor(options);
  return dataArbitrary<Scenario>({
    draw(draw, small) {
      const driver = drawDriver(draw, grammar, small ? smallSizes : usualSizes, options);
      return { drivers: [driver], world: drawWorld(draw, [driver], grammar, small) };
    },
    accepts: (value): value is Scenario =>
      hasDrivers(value) && value.drivers.every((one) => isDriver(one, grammar.base)) && fits(value),
    smaller: (scenario) => smallerScenarios(scenario, grammar),
  });
}

/** Scenarios with one thing less: of the world first, then of the drivers. */
export function* smallerScenarios(
  scenario: Scenario,
  grammar: Grammar = grammarOfDrivers(scenario.drivers),
): Generator<Scenario> {
  const { drivers: given, world } = scenario;
  for (const smaller of smallerWorlds(given, world)) yield { ...scenario, world: smaller };
  for (let i = 0; i < given.length; i++) {
    for (const smaller of smallerDrivers(given[i], grammar)) {
      const drivers = given.map((one, n) => (n === i ? smaller : one));
      if (canBeDone(world, drivers)) yield { ...scenario, drivers };
    }
  }
}

/** Whether these drivers' families know what the world's users do. */
function canBeDone({ workload }: World, given: readonly DriverModel[]): boolean {
  const { actions } = languageOf(given);
  return workload.every(({ does }) => does.every((action) => actions.includes(action)));
}

const hasDrivers = (value: unknown): value is Scenario =>
  typeof value === "object" &&
  value !== null &&
  "drivers" in value &&
  Array.isArray(value.drivers) &&
  "world" in value;

/** What compiles is a scenario. */
function fits(scenario: Scenario): boolean {
  try {
    compileScenario(scenario);
    return true;
  } catch (error) {
    if (error instanceof InputError) return false;
    throw error;
  }
}
