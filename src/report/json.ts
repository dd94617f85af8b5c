/** `--json`: what a check found, in a shape that other tools can rely on. */
import * as z from "zod";
import { type BoundName, boundNames, inOrder } from "../base/bounds.ts";
import { type Finding, limited } from "../judge/finding.ts";
import { needsLadder } from "../judge/needs.ts";

const claims = ["complete", "bounded", "sampled"] as const;

/** Where something was seen that is not told as a finding of its own. */
const seenIn = {
  needs: z.enum(needsLadder),
  world: z.string(),
  latencyUs: z.number().min(0).optional(),
};

const findingSchema = z.strictObject({
  outcome: z.enum(["deadlock", "livelock", "latency", "crash", "rule"]),
  possible: z.boolean().meta({ description: "Found in the untimed reading only." }),
  timedSearch: z.enum(["complete", "cut"]).optional().meta({
    description:
      "What is only possible: complete where all runs with times were searched, and none shows it.",
  }),
  property: z.enum(["deadlock-freedom", "bounded-latency", "no-crash", "rules"]),
  driver: z.string(),
  family: z.string(),
  mechanism: z
    .string()
    .meta({ description: "The wait graph with names and counts erased; equal for equal causes." }),
  identity: z
    .string()
    .meta({ description: "The driver's operations that wait, by stable id, joined with ' + '." }),
  needs: z.enum(needsLadder).meta({ description: "What the world needed, on the ladder." }),
  rules: z.array(z.string()).meta({ description: "Rules broken in the run, by id." }),
  steps: z.int().min(0).meta({ description: "Steps of the counterexample." }),
  latencyUs: z.number().min(0).optional().meta({ description: "Virtual microseconds." }),
  budget: z
    .strictObject({ of: z.enum(limited), us: z.number().min(0) })
    .optional()
    .meta({ description: "Latency: what took too long, and what it may take." }),
  simplest: z.strictObject(seenIn).optional().meta({
    description:
      "The least that it needs, where the case that is told needs more: of a latency how long it is there; of a hang, that it is only possible there.",
  }),
  forGoodIn: z.string().optional().meta({
    description: "Of a hang that a later event ends: another world, in which none does.",
  }),
  faces: z
    .array(z.strictObject({ mechanism: z.string(), ...seenIn }))
    .optional()
    .meta({
      description:
        "Other ways to the same at the same operations, which need no less: of a latency shorter ones, of a certain hang those that are only possible.",
    }),
  moments: z.array(z.string()).optional().meta({
    description: "Of a crash: identities of other operations at which the same cause was seen.",
  }),
  below: z
    .array(z.strictObject({ needs: z.enum(needsLadder), claim: z.enum([...claims, "none"]) }))
    .optional()
    .meta({
      description:
        "Rungs of the ladder below the lowest that shows it, and how far their worlds were searched; none: there was no world.",
    }),
  file: z
    .string()
    .optional()
    .meta({ description: "The counterexample's file, as given, with forward slashes." }),
  accepted: z
    .string()
    .optional()
    .meta({ description: "Why it does not fail: the reason that the baseline has for it." }),
});

export const reportSchema = z
  .strictObject({
    verdict: z.enum(["clean", "findings", "bounded"]),
    findings: z.array(findingSchema),
    results: z.array(
      z.strictObject({
        property: findingSchema.shape.property,
        claim: z.enum(claims).meta({
          description:
            "complete: every reachable state; sampled: the budget left some open, which `runs` random runs went through; bounded: `bounds` cut more than that.",
        }),
        bounds: z
          .array(z.enum(boundNames))
          .meta({ description: "What made the claim bounded, by name." }),
        worlds: z.int().min(0),
        states: z.int().min(0),
        runs: z.int().min(0),
      }),
    ),
    complete: z.boolean(),
    unreached: z
      .array(z.string())
      .meta({ description: "Callbacks, branches and operations that no run reached." }),
    waits: z.strictObject({ contended: z.int().min(0), of: z.int().min(0) }).meta({
      description:
        "Operations of the drivers that can wait: how many had to in some run. Where none had to, nothing is shown of waiting.",
    }),
  })
  .meta({ id: "Report", title: "What Loophole found" });

export type JsonReport = z.infer<typeof reportSchema>;

/** What is reported of one check: the parts of a `CheckReport` that this layer may know. */
export interface Reported {
  readonly verdict: JsonReport["verdict"];
  readonly findings: readonly {
    readonly finding: Finding;
    readonly file?: string;
    readonly accepted?: string;
  }[];
  readonly results: readonly (Omit<Readonly<JsonReport["results"][number]>, "bounds"> & {
    readonly bounds: readonly BoundName[];
  })[];
  readonly complete: boolean;
  readonly unreached: readonly string[];
  readonly waits?: JsonReport["waits"];
}

/**
 * One report of several checks: the worst verdict, the weakest claim, all numbers added up.
 *
 * @param isWhole Whether all that was asked for was done.
 */
export function jsonReport(reports: readonly Reported[], isWhole: boolean): JsonReport {
  return mergeReports(
    reports.map((report) => ({ ...report, findings: report.findings.map(jsonFinding) })),
    isWhole,
  );
}

/** The same of what was reported already, file by file. */
export function mergeReports(
  reports: readonly (Omit<Reported, "findings"> & Pick<JsonReport, "findings">)[],
  isWhole: boolean,
): JsonReport {
  const verdicts = [...reports.map((report) => report.verdict), isWhole ? "clean" : "bounded"];
  return {
    verdict: (["findings", "bounded"] as const).find((one) => verdicts.includes(one)) ?? "clean",
    findings: reports.flatMap((report) => report.findings),
    results: addUp(reports.flatMap((report) => report.results)),
    complete: isWhole && reports.every((report) => report.complete),
    unreached: [...new Set(reports.flatMap((report) => report.unreached))],
    waits: {
      contended: reports.reduce((sum, { waits }) => sum + (waits?.contended ?? 0), 0),
      of: reports.reduce((sum, { waits }) => sum + (waits?.of ?? 0), 0),
    },
  };
}

function jsonFinding({
  finding,
  file,
  accepted,
}: Reported["findings"][number]): JsonReport["findings"][0] {
  return {
    outcome: finding.outcome,
    possible: finding.possible,
    ...(finding.timedSearch === undefined ? {} : { timedSearch: finding.timedSearch }),
    property: finding.property,
    driver: finding.driver,
    family: finding.family,
    mechanism: finding.mechanism,
    identity: finding.identity,
    needs: finding.needs,
    rules: [...finding.rules],
    steps: finding.steps.length,
    ...(finding.latencyUs === undefined ? {} : { latencyUs: finding.latencyUs }),
    ...(finding.budget === undefined ? {} : { budget: finding.budget }),
    ...(finding.simplest === undefined ? {} : { simplest: finding.simplest }),
    ...(finding.forGoodIn === undefined ? {} : { forGoodIn: finding.forGoodIn }),
    ...(finding.faces === undefined ? {} : { faces: [...finding.faces] }),
    ...(finding.moments === undefined
      ? {}
      : { moments: finding.moments.map(({ identity }) => identity) }),
    ...(finding.below === undefined ? {} : { below: [...finding.below] }),
    ...(file === undefined ? {} : { file }),
    ...(accepted === undefined ? {} : { accepted }),
  };
}

function addUp(results: Reported["results"]): JsonReport["results"] {
  const sums = new Map<string, JsonReport["results"][number]>();
  for (const { property, claim, bounds, worlds, states, runs } of results) {
    const sum = sums.get(property);
    if (sum === undefined) {
      sums.set(property, { property, claim, bounds: [...bounds], worlds, states, runs });
      continue;
    }
    sum.claim = claims[Math.max(claims.indexOf(sum.claim), claims.indexOf(claim))];
    sum.bounds = inOrder([...sum.bounds, ...bounds]);
    sum.worlds += worlds;
    sum.states += states;
    sum.runs += runs;
  }
  return [...sums.values()];
}

/** The JSON Schema (draft 2020-12) of the report. */
export function reportJsonSchema(): Record<string, unknown> {
  const { $schema, ...rest } = z.toJSONSchema(reportSchema, { target: "draft-2020-12" });
  return { $schema, ...rest };
}
