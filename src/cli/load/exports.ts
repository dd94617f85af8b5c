/** The exports of a driver module, as JSON text. */
import { InputError } from "../../base/input-error.ts";
import { plainJson } from "./plain-json.ts";

const wanted = ["driver", "drivers", "worlds", "expected"] as const;

/** @throws {InputError} whose place is the export's name. */
export function exportsToJson(module: Readonly<Record<string, unknown>>): string {
  // Each is asked for once: what a module gives may be another the next time.
  const texts: string[] = [];
  let drivers = 0;
  for (let i = 0; i < wanted.length; i++) {
    const name = wanted[i];
    const value = module[name];
    if (value === undefined) continue;
    if (name === "driver" || name === "drivers") drivers++;
    texts[texts.length] = `"${name}":${plainJson(value, name)}`;
  }
  if (drivers > 1) {
    throw new InputError("drivers", "the file exports driver too: keep one of the two");
  }
  if (drivers === 0) {
    const others = Object.keys(module);
    const has =
      others.length === 0
        ? "nothing"
        : others
            .slice(0, 5)
            .map((one) => `\`${one}\``)
            .join(", ");
    const example = 'export const driver = defineDriver("name", (d) => { … })';
    throw new InputError("driver", `the file exports ${has}; it has to say: ${example}`);
  }
  let text = "";
  for (let i = 0; i < texts.length; i++) text += `${i === 0 ? "" : ","}${texts[i]}`;
  return `{${text}}`;
}

/** The same for a configuration, which is what the module exports by default. */
export function configToJson(module: Readonly<Record<string, unknown>>): string {
  const config = module.default;
  if (typeof config !== "object" || config === null || Array.isArray(config)) {
    throw new InputError("default", 'the file has to say: export default { drivers: ["drivers"] }');
  }
  return plainJson(config, "default");
}
