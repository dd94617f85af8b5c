/**
 * Hooks for the modules of a driver file, plain JavaScript since they run before TypeScript does:
 * `loophole-fuzz` means this very package, wherever the file lies; and its files are
 * ECMAScript modules, whether or not a package.json beside them says so.
 */
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** Whether this is the built form, in a package or in a checkout. */
const isBuilt = !existsSync(new URL("./loading.ts", import.meta.url));

const root = new URL("../../../", import.meta.url);
const { name, exports: faces } = JSON.parse(readFileSync(new URL("package.json", root), "utf8"));

export async function resolve(specifier, context, next) {
  const face =
    specifier.startsWith(name) && faceOf(`.${specifier.slice(name.length)}`, context.parentURL);
  if (face) return { url: face, format: "module", shortCircuit: true };
  const resolved = await next(specifier, context);
  if (resolved.format !== "commonjs" || !resolved.url.startsWith("file:")) return resolved;
  // tsx marks what it takes for CommonJS in the address.
  const url = resolved.url.replace(/(?:%3F|\?)tsx-commonjs-.*$/, "");
  if (/\/node_modules\/|\.c[jt]s$/.test(url) || !isModule(url)) return resolved;
  return { ...resolved, url, format: "module" };
}

/** The file behind a public face: what a package has built, a checkout has as TypeScript. */
function faceOf(path, from) {
  const built = path === "." && asksForLittle(from) ? littleFace : faces[path]?.default;
  if (built === undefined) return undefined;
  const source = new URL(built.replace("/dist/", "/src/").replace(/\.js$/, ".ts"), root);
  return (isBuilt ? new URL(built, root) : source).href;
}

const littleFace = "./dist/cli/load/face.js";

/** What is in the whole face alone. */
export const large = [
  "check",
  "drivers",
  "findCorpusFiles",
  "fuzz",
  "loadCounterexample",
  "replay",
  "scenarios",
  "tellMechanism",
  "worldsAround",
];

const mentioned = new RegExp(`["'\`]${name}["'\`]`, "g");
const imported = new RegExp(
  `\\bimport\\s+(?:type\\s+)?\\{([^{}]*)\\}\\s*from\\s*["']${name}["']`,
  "g",
);
const isLarge = new RegExp(`\\b(?:${large.join("|")})\\b`);

/** Whether a file imports of us what drivers are written with, by its names, and nothing else. */
function asksForLittle(from) {
  try {
    const text = readFileSync(fileURLToPath(from), "utf8");
    const lists = [...text.matchAll(imported)].map(([, list]) => list);
    return (
      lists.length === text.match(mentioned)?.length && !lists.some((list) => isLarge.test(list))
    );
  } catch {
    return false;
  }
}

/** TypeScript always; JavaScript unless all that it has is CommonJS. */
function isModule(url) {
  if (/\.[jt]sx?$/.exec(url)?.[0] !== ".js") return true;
  try {
    const text = readFileSync(fileURLToPath(url), "utf8");
    return /\b(?:import|export)\b/.test(text) || !/\brequire\s*\(|\bexports\b/.test(text);
  } catch {
    return false;
  }
}
