/** Words for what the schema refuses. */
import type { z } from "zod";
import type { Path } from "./validate-names.ts";
import { didYouMean } from "./validate-nearest.ts";

interface Explained {
  readonly path: Path;
  readonly reason: string;
}

const pathOf = ({ path }: z.core.$ZodIssue): Path =>
  path.map((step) => (typeof step === "symbol" ? String(step) : step));

/** The place and reason of the first of the issues with `value`; of keys that lack, of all at once. */
export function explainIssues(issues: readonly z.core.$ZodIssue[], value: unknown): Explained {
  const first = explainIssue(issues[0], value);
  const around = first.path.slice(0, -1);
  const lacking = issues.map(pathOf).filter((path) => isLacking(path, around, value));
  if (lacking.length < 2 || !isLacking(first.path, around, value)) return first;
  return {
    path: around,
    reason: `${listed(lacking.map((path) => String(path.at(-1))))} are missing`,
  };
}

/** Whether the place is a key that lacks in what stands at another. */
const isLacking = (path: Path, around: Path, value: unknown): boolean =>
  path.length === around.length + 1 &&
  around.every((step, i) => path[i] === step) &&
  typeof path.at(-1) === "string" &&
  valueAt(value, path) === undefined;

const listed = (names: readonly string[]): string =>
  `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`;

/** The place and reason of an issue with `value`. */
function explainIssue(issue: z.core.$ZodIssue, value: unknown): Explained {
  const path = pathOf(issue);
  const found = valueAt(value, path);
  return { path, reason: reasonFor(issue, found) };
}

function reasonFor(issue: z.core.$ZodIssue, found: unknown): string {
  switch (issue.code) {
    case "unrecognized_keys":
      return `unknown key ${issue.keys.map((key) => `"${key}"`).join(", ")}`;
    case "invalid_value": {
      const values = issue.values.map(String);
      const hint = didYouMean(found, values);
      return `${given(found)} where ${oneOf(values)} belongs${hint}`;
    }
    case "invalid_union": {
      // A union of kinds: the kind itself is unknown.
      const kinds = "options" in issue ? (issue.options as unknown[]).map(String) : [];
      if (kinds.length === 0) return issue.message;
      return `${given(found)} where ${oneOf(kinds)} belongs${didYouMean(found, kinds)}`;
    }
    case "invalid_type":
      return `${given(found)} where ${issue.expected} belongs`;
    default:
      return `${issue.message.slice(0, 1).toLowerCase()}${issue.message.slice(1)}`;
  }
}

function oneOf(values: readonly string[]): string {
  return values.length === 1 ? values[0] : `one of ${values.join(", ")}`;
}

function given(found: unknown): string {
  if (found === undefined) return "nothing";
  if (typeof found === "string") return JSON.stringify(found.slice(0, 40));
  if (typeof found === "object" && found !== null)
    return Array.isArray(found) ? "a list" : "an object";
  return `${String(found)}`;
}

function valueAt(value: unknown, path: Path): unknown {
  let at = value;
  for (const step of path) {
    if (typeof at !== "object" || at === null) return undefined;
    at = (at as Record<string | number, unknown>)[step];
  }
  return at;
}
