/** Starts a judging thread: TypeScript first. */
import { register } from "tsx/esm/api";

register();
await import("./worker.ts");
