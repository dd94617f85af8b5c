#!/usr/bin/env node
/**
 * The command `loophole`. It is plain JavaScript: from here on tsx loads TypeScript, ours and the
 * user's driver files alike.
 */
import { register } from "tsx/esm/api";

register();
const { main } = await import("./main.ts");
process.exitCode = await main(process.argv.slice(2));
