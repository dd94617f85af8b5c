/**
 * Hooks for the modules of a driver file, plain JavaScript since they run before TypeScript does:
 * `loophole-fuzz` means this very package, wherever the file lies; and its files are
 * ECMAScript modules, whether or not a package.json beside them says so.
 */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const name = "loophole-fuzz";

export async function resolve(specifier, context, next) {
  if (specifier === name || specifier.startsWith(`${name}/`)) {
    // Resolved from in here, a package finds itself by its name.
    return next(specifier, { ...context, parentURL: import.meta.url });
  }
  const resolved = await next(specifier, context);
  if (resolved.format !== "commonjs" || !resolved.url.startsWith("file:")) return resolved;
  // tsx marks what it takes for CommonJS in the address.
  const url = resolved.url.replace(/(?:%3F|\?)tsx-commonjs-.*$/, "");
  if (/\/node_modules\/|\.c[jt]s$/.test(url) || !isModule(url)) return resolved;
  return { ...resolved, url, format: "module" };
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
