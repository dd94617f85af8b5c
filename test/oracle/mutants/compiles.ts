/**
 * What a mutant of the compiling part does is done in what it compiles: of the scenarios, those matter
 * whose program is another one, and first of all those in which some thread stands where it is.
 */
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { stride } from "../../../src/machine/opcodes.ts";
import type { Program } from "../../../src/machine/program.ts";
import { compileScenario } from "../../../src/windows/compile-scenario.ts";
import { placeWord } from "../adapter-endings.ts";
import { probed } from "../probes.ts";
import { labelled, type Scenario } from "../scenario.ts";
import { scenarioNamed } from "./cases.ts";
import type { Kept } from "./kept.ts";

type Compile = (scenario: Parameters<typeof compileScenario>[0]) => Program;

/** The part that is not changed, of the tree as it was. */
export async function compileOf(tree: string): Promise<Compile> {
  const path = join(tree, "src/windows/compile-scenario.js");
  const known = (await import(pathToFileURL(path).href)) as { compileScenario: Compile };
  return known.compileScenario;
}

/** Of no case: its program is the same. */
type Difference = "none" | "elsewhere" | "stood at";

function programOf(compile: Compile, scenario: Scenario): Program | undefined {
  try {
    return compile(scenario as unknown as Parameters<Compile>[0]);
  } catch {
    return undefined;
  }
}

const wordsOf = ({ routines, threads, budgets, symmetry, components }: Program): string =>
  JSON.stringify([routines, threads, [...budgets], symmetry, components]);

function differenceIn(kept: Kept, before: Compile): Difference {
  const { stood } = kept;
  const scenario = labelled(probed(scenarioNamed(kept)));
  const one = programOf(before, scenario);
  const other = programOf(compileScenario, scenario);
  if (one === undefined || other === undefined) return one === other ? "none" : "stood at";
  const at = one.code.findIndex((word, i) => word !== other.code[i]);
  if (at >= 0) {
    const site = one.sites[one.code[at - (at % stride) + 1]];
    return stood.includes(placeWord(site)) ? "stood at" : "elsewhere";
  }
  const isSame =
    one.code.length === other.code.length &&
    one.initial.length === other.initial.length &&
    one.initial.every((word, i) => word === other.initial[i]) &&
    wordsOf(one) === wordsOf(other);
  if (!isSame) return "stood at";
  return JSON.stringify(one.sites) === JSON.stringify(other.sites) ? "none" : "elsewhere";
}

/** So many of the drawn cases at most, of those that are told apart first, and all that were said by hand. */
export function concerned(
  kept: readonly Kept[],
  before: Compile,
  { tries, goesOn }: { readonly tries: number; readonly goesOn: () => void },
): Kept[] {
  const found: Record<Difference, Kept[]> = { "stood at": [], elsewhere: [], none: [] };
  const given: Kept[] = [];
  for (const one of kept) {
    if (one.given === undefined && found["stood at"].length === tries) continue;
    const difference = differenceIn(one, before);
    if (one.given === undefined) found[difference].push(one);
    else if (difference !== "none") given.push(one);
    goesOn();
  }
  // Where nothing is compiled otherwise, what is asked of drivers by others can still be.
  const others = found.none.slice(0, tries / 5);
  const drawn = [...found["stood at"], ...found.elsewhere, ...others].slice(0, tries);
  return [...drawn, ...given.slice(0, tries)];
}
