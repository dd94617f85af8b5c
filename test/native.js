/**
 * Preloaded into the processes that run tests: Node itself runs TypeScript there, and our package's
 * name means its sources. What vitest's own runner makes of a module reads each import through a
 * getter, which took the searches twice as long.
 */
import { register as registerHooks } from "node:module";
import { register } from "tsx/esm/api";

register();
registerHooks(new URL("../src/cli/load/own-package.js", import.meta.url));
