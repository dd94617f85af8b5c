/**
 * Starts the process that loads driver files: TypeScript first, our package's name on top. Plain
 * JavaScript in the checkout and in the package alike.
 */
import { existsSync } from "node:fs";
import { register as registerHooks } from "node:module";
import { register } from "tsx/esm/api";

// What most files import: it need not go through the hooks, which only look for it.
const face = new URL("./face.js", import.meta.url);
if (existsSync(face)) await import(face.href);
register();
registerHooks(new URL("./own-package.js", import.meta.url));
await import("./loading.ts");
