/**
 * `npm run bench`: how fast random runs are, as ratios to peers measured in the same run. A table,
 * or with `--json` one line of JSON; `--rounds N` measures longer or shorter.
 */
import { parseArgs } from "node:util";
import { driver as openprocmon } from "../../properties/drivers/openprocmon.driver.ts";
import { driver as empty } from "../../properties/patterns/empty.driver.ts";
import { compileScenario } from "../../src/windows/compile-scenario.ts";
import {
  bareRuns,
  campaignRuns,
  campaignRunsCounted,
  fastCheckRuns,
  inPlainWorld,
  machineRuns,
} from "./contenders.ts";
import { type Measured, measure } from "./measure.ts";
import { plansFor, s4Program, s4Scenario } from "./s4.ts";

/** Threads of S4, and those of its likes that show how cost grows. */
const threads = 6;
const growth = [2, 4, 6, 12, 24] as const;

interface Growth {
  readonly threads: number;
  /** Nanoseconds an operation: ours without times and with, and the bare loop's. */
  readonly untimedNs: number;
  readonly timedNs: number;
  readonly bareNs: number;
}

interface Bench {
  readonly loophole: "bench";
  readonly version: 1;
  readonly node: string;
  readonly rounds: number;
  /** Operations a second; ratios are to the bare loop. */
  readonly s4: readonly Measured[];
  /** Operations a second; ratios are to the same machine with nobody watching. */
  readonly openprocmon: readonly Measured[];
  /** Microseconds from the beginning of a run to its end, of a driver that does nothing. */
  readonly emptyRunUs: { readonly untimed: number; readonly timed: number };
  readonly growth: readonly Growth[];
}

async function bench(rounds: number): Promise<Bench> {
  const plans = plansFor(threads);
  const alone = s4Program(plans);
  const driver = compileScenario(s4Scenario(plans));
  const s4 = await measure(
    [
      bareRuns(plans, 20_000),
      machineRuns("our machine, nobody watching", alone, 2_000),
      campaignRuns("random run of S4, untimed", alone, ["untimed"], 3_000),
      campaignRuns("random run of S4, timed", alone, ["timed"], 2_000),
      campaignRuns("S4 as a driver in Windows", driver, ["timed", "untimed"], 1_500),
      fastCheckRuns(plans, 20),
    ],
    rounds,
  );
  const model = inPlainWorld(openprocmon);
  const real = await measure(
    [
      machineRuns("our machine, nobody watching", model, 500),
      campaignRuns("random run, untimed", model, ["untimed"], 500),
      campaignRuns("random run, timed", model, ["timed"], 500),
    ],
    rounds,
  );
  const nothing = inPlainWorld(empty);
  const emptyRuns = 5_000;
  const ends = await measure(
    (["untimed", "timed"] as const).map((reading) =>
      campaignRunsCounted(campaignRuns(reading, nothing, [reading], emptyRuns), emptyRuns),
    ),
    rounds,
  );
  return {
    loophole: "bench",
    version: 1,
    node: process.version,
    rounds,
    s4,
    openprocmon: real,
    emptyRunUs: { untimed: 1e6 / ends[0].rate, timed: 1e6 / ends[1].rate },
    growth: await growthOf(rounds),
  };
}

async function growthOf(rounds: number): Promise<Growth[]> {
  const rows: Growth[] = [];
  for (const count of growth) {
    const plans = plansFor(count);
    const program = s4Program(plans);
    const [bare, untimed, timed] = await measure(
      [
        bareRuns(plans, Math.ceil(60_000 / count)),
        campaignRuns("untimed", program, ["untimed"], Math.ceil(9_000 / count)),
        campaignRuns("timed", program, ["timed"], Math.ceil(6_000 / count)),
      ],
      rounds,
    );
    const [bareNs, untimedNs, timedNs] = [bare, untimed, timed].map(({ rate }) => 1e9 / rate);
    rows.push({ threads: count, untimedNs, timedNs, bareNs });
  }
  return rows;
}

function table({ s4, openprocmon: real, emptyRunUs, growth: rows, node, rounds }: Bench): string {
  const rate = ({ rate }: Measured): string => (rate / 1e6).toFixed(3).padStart(9);
  const ratio = ({ ratio }: Measured): string => ratio.toFixed(3).padStart(8);
  const lines = (measured: readonly Measured[]): string[] =>
    measured.map((one) => `  ${one.name.padEnd(30)}${rate(one)}${ratio(one)}`);
  const ns = (value: number): string => value.toFixed(0).padStart(10);
  return [
    `Visible operations, in millions a second of processor time. ${node}, medians of ${rounds} rounds.`,
    "",
    `S4 (${threads} threads, 20 lock operations each)${"M/s".padStart(5)}   to the bare loop`,
    ...lines(s4),
    "",
    "openprocmon                           M/s   to nobody watching",
    ...lines(real),
    "",
    `A run of a driver that does nothing: ${emptyRunUs.untimed.toFixed(1)} µs untimed, ${emptyRunUs.timed.toFixed(1)} µs timed.`,
    "",
    "Nanoseconds an operation, as threads grow (S4's likes)",
    "  threads   untimed     timed bare loop",
    ...rows.map(
      (row) =>
        `  ${String(row.threads).padStart(7)}${ns(row.untimedNs)}${ns(row.timedNs)}${ns(row.bareNs)}`,
    ),
    "",
  ].join("\n");
}

const { values } = parseArgs({
  options: { json: { type: "boolean" }, rounds: { type: "string", default: "15" } },
});
const rounds = Number(values.rounds);
if (!Number.isInteger(rounds) || rounds < 1) {
  process.stderr.write("--rounds: is no whole number of rounds, such as 15\n");
  process.exitCode = 2;
} else {
  const result = await bench(rounds);
  process.stdout.write(values.json === true ? `${JSON.stringify(result)}\n` : table(result));
}
