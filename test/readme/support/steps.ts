/** The code blocks of a section of the README, as what a reader does with them. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

export type Step =
  | { readonly kind: "file"; readonly name: string; readonly text: string }
  | { readonly kind: "run"; readonly args: readonly string[] }
  /** What the last command prints: pieces of it, in this order. */
  | { readonly kind: "shows"; readonly parts: readonly string[] };

const readme = readFileSync(fileURLToPath(new URL("../../../README.md", import.meta.url)), "utf8");

/** @param title Of the section, as it stands behind its #s. */
export function stepsOf(title: string): Step[] {
  const [, rest] = readme.split(`\n### ${title}\n`);
  const section = rest.split(/\n#{2,3} /)[0];
  const steps: Step[] = [];
  const block = /```(\w+)\n([\s\S]*?)```/g;
  let end = 0;
  for (const match of section.matchAll(block)) {
    const [whole, language, text] = match;
    const before = section.slice(end, match.index);
    end = match.index + whole.length;
    if (language === "ts") {
      // "Make `acme.driver.ts`": the file that was named last.
      const name = [...before.matchAll(/[Mm]ake\s+`([\w.-]+\.ts)`/g)].at(-1)?.[1];
      if (name === undefined) throw new Error(`which file is this?\n${text}`);
      steps.push({ kind: "file", name, text });
    } else if (language === "sh") {
      for (const line of text.trim().split("\n")) {
        const args = /^npm run -s loophole -- (.+)$/.exec(line)?.[1];
        if (args === undefined) throw new Error(`a reader of the guide cannot run ${line}`);
        steps.push({ kind: "run", args: args.split(" ") });
      }
    } else {
      steps.push({ kind: "shows", parts: text.split("…").map((part) => part.trim()) });
    }
  }
  return steps;
}
