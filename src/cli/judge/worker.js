/** Starts a judging thread of a checkout: TypeScript first. A package has worker.ts built. */
import { register } from "tsx/esm/api";

register();
export default (await import("./worker.ts")).default;
