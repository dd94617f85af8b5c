/** `docs/calls.md` is what the API table says. After a change of the table: run this file with `-u`. */
import { expect, test } from "vitest";
import type { ApiShape, Param, Primitive, PrimitiveOperand } from "../../src/language/shape.ts";
import { apiTable } from "../../src/windows/api/table.ts";

const levelOf = (irql: string): string => irql.replace("_LEVEL", "");

const operandText = (given: PrimitiveOperand | boolean | undefined): string =>
  typeof given === "object" ? `\`${given.param}\`` : String(given);

function primitiveText({ kind: _, op, ...operands }: Primitive): string {
  const parts = Object.entries(operands).map(([name, given]) =>
    name === "object" ? operandText(given) : `${name} ${operandText(given)}`,
  );
  return parts.length === 0 ? op : `${op}(${parts.join(", ")})`;
}

function paramText({ name, default: given }: Param): string {
  if (given === undefined) return name;
  return typeof given === "string" && given !== "NULL" ? `[${name} = ${given}]` : `[${name}]`;
}

function rowOf(api: ApiShape): string {
  const { name, params, does, results, returns, cost, irqlMax, irqlMaxAtZero, needsApcs } = api;
  const atZero = irqlMaxAtZero === undefined ? "" : ` (timeout 0: ${levelOf(irqlMaxAtZero)})`;
  const cells = [
    `\`${name}\`${params.length === 0 ? "" : ` (${params.map(paramText).join(", ")})`}`,
    does.map(primitiveText).join("; ") || "–",
    results.join(", ") + (returns === undefined ? "" : "; a number"),
    cost,
    api.mode === "user" ? "" : levelOf(irqlMax) + atZero,
    needsApcs ?? "",
    api.raises.join(", "),
  ];
  return `| ${cells.join(" | ")} |`;
}

const head = `# The calls

What each call does, in the operations of [semantics.md](semantics.md), section 7; in which its other columns are
explained, too. Arguments in brackets may be left out: \`Timeout\` is none then. The results are those that a
driver can ask for. In user mode nothing is checked. Of what a call raises, \`file\`, \`registry\` and
\`object\` matter to a neighbour alone.
`;

const columns = `| call | does | results | cost | IRQL up to | APCs | raises |
| --- | --- | --- | --- | --- | --- | --- |`;

const sections = { kernel: "Kernel mode", any: "Either mode", user: "User mode" } as const;

test("the page of calls says of every call what the table says", async () => {
  const apis: readonly ApiShape[] = apiTable;
  const text = Object.entries(sections).map(([mode, title]) => {
    const rows = apis.filter((api) => api.mode === mode).map(rowOf);
    return `## ${title}\n\n${columns}\n${rows.join("\n")}\n`;
  });
  await expect([head, ...text].join("\n")).toMatchFileSnapshot("../../docs/calls.md");
});
