/** Mutated files: case `index` of a seed is the same on every machine. */
import { readdirSync, readFileSync } from "node:fs";
import type { Random } from "../../../src/base/random.ts";
import { chance, drawerFor, oneOf } from "./draw.ts";
import { gentleMutationNames, jsonMutationNames, mutateJson } from "./mutate-json.ts";
import { byteMutations, textMutations } from "./mutate-text.ts";
import { withScript } from "./scripts.ts";

export const kinds = [
  "driver as JSON",
  "driver as TypeScript",
  "counterexample",
  "baseline",
  "configuration",
  "campaign",
] as const;
export type Kind = (typeof kinds)[number];

export interface Case {
  readonly index: number;
  readonly kind: Kind;
  /** The file that it was. */
  readonly from: string;
  /** What was done to it. */
  readonly mutations: readonly string[];
  readonly bytes: Buffer;
}

interface Source {
  readonly name: string;
  readonly text: string;
}

const root = new URL("../../../", import.meta.url);

/** What driver files import from beside them. */
export const beside = (): readonly Source[] => filesOf("properties/drivers", /\.ts$/);

function filesOf(folder: string, pattern: RegExp): Source[] {
  const url = new URL(`${folder}/`, root);
  return readdirSync(url)
    .filter((name) => pattern.test(name))
    .sort()
    .map((name) => ({ name, text: readFileSync(new URL(name, url), "utf8") }));
}

export const counterexamples = filesOf("corpus", /\.json$/);

const driversAsJson: readonly Source[] = [
  ...new Map(
    counterexamples.flatMap(({ text }) =>
      (JSON.parse(text).scenario.drivers as { name: string }[]).map((driver) => {
        const name = `${driver.name}.json`;
        return [name, { name, text: JSON.stringify(driver, null, 2) }] as const;
      }),
    ),
  ).values(),
];

const baseline = {
  loophole: "baseline",
  version: 2,
  accepted: [
    {
      driver: "acme",
      outcome: "deadlock",
      identity: "AcmeCreateProcess/KeWaitForSingleObject(ScanDone)",
      mechanism: "callback waits for an event",
      reason: "it moves",
      owner: "kim",
      expires: "2031-12-31",
    },
    { driver: "acme", outcome: "rule", identity: "a + b", reason: "known" },
  ],
};

const configuration = `const drivers: string[] = ["drivers"];
/** What holds where the command line says nothing. */
export default {
  drivers,
  scope: "small",
  budget: 2_000,
};
`;

/** @param campaign The state of a campaign, as a folder keeps it. */
const sourcesOf = (campaign: string): Readonly<Record<Kind, readonly Source[]>> => ({
  "driver as JSON": driversAsJson,
  "driver as TypeScript": [
    ...filesOf("properties/patterns", /\.ts$/),
    ...filesOf("properties/drivers", /\.driver\.ts$/),
  ],
  counterexample: counterexamples,
  baseline: [{ name: "accepted.json", text: JSON.stringify(baseline, null, 2) }],
  configuration: [{ name: "loophole.config.ts", text: configuration }],
  campaign: [{ name: "campaign.state", text: campaign }],
});

/** Of a hundred cases, how many are of each kind. */
const shares: Readonly<Record<Kind, number>> = {
  "driver as JSON": 36,
  "driver as TypeScript": 15,
  counterexample: 35,
  baseline: 7,
  configuration: 3,
  campaign: 4,
};
const byShare: readonly Kind[] = kinds.flatMap((kind) => Array<Kind>(shares[kind]).fill(kind));

export function makeCases(campaign: string): (seed: string, index: number) => Case {
  const sources = sourcesOf(campaign);
  return (seed, index) => {
    const random = drawerFor(`${seed}/${index}`);
    const kind = oneOf(random, byShare);
    const { name, text } = oneOf(random, sources[kind]);
    const isJson = !/\.ts$/.test(name);
    return { index, kind, from: name, ...mutated(text, isJson, random) };
  };
}

function mutated(text: string, isJson: boolean, random: Random): Pick<Case, "mutations" | "bytes"> {
  if (!isJson && chance(random, 4)) {
    const script = withScript(text, random);
    return { mutations: [script.what], bytes: Buffer.from(script.text) };
  }
  const times = oneOf(random, [1, 1, 1, 2, 3]);
  const draw = (names: readonly string[]): string[] =>
    Array.from({ length: times }, () => oneOf(random, names));
  // Most of JSON stays JSON, or no file would come further than the parser.
  if (isJson && !chance(random, 4)) {
    // And half of that keeps its shape, or none would come further than the schema.
    const mutations = draw(chance(random, 2) ? jsonMutationNames : gentleMutationNames);
    return { mutations, bytes: Buffer.from(mutateJson(text, mutations, random)) };
  }
  if (chance(random, 6)) {
    const mutation = oneOf(random, Object.keys(byteMutations));
    return { mutations: [mutation], bytes: byteMutations[mutation](Buffer.from(text), random) };
  }
  const mutations = draw(Object.keys(textMutations));
  let now = text;
  for (const mutation of mutations) now = textMutations[mutation](now, random);
  return { mutations, bytes: Buffer.from(now) };
}
