/** Starts the process that loads driver files: TypeScript first, our package's name on top. */
import { register as registerHooks } from "node:module";
import { register } from "tsx/esm/api";

register();
registerHooks(new URL("./own-package.js", import.meta.url));
await import("./child.ts");
