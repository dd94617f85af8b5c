/**
 * Starts the process that loads driver files: TypeScript first, our package's name on top. Plain
 * JavaScript in the checkout and in the package alike.
 */
import { register as registerHooks } from "node:module";
import { register } from "tsx/esm/api";
import { isBuilt } from "./own-package.js";

// What most files import: it need not go through the hooks, which only look for it.
if (isBuilt) await import(new URL("../../index.js", import.meta.url).href);
register();
registerHooks(new URL("./own-package.js", import.meta.url));
await import("./loading.ts");
