/**
 * What driver files and configurations are written with, without what judges them. A file that asks
 * for nothing else of our package gets this of it, and is loaded in less than half of the time.
 */
export { and, not, or } from "../../language/builder.ts";
export {
  defineApi,
  defineDriver,
  defineDriverWith,
  defineFamily,
  defineRule,
} from "../../windows/define-driver.ts";
export { defineConfig } from "../config-schema.ts";
