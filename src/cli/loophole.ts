#!/usr/bin/env node
/** The command `loophole`. */
import { main } from "./main.ts";
import { writeOutputWhole } from "./streams.ts";

writeOutputWhole();
process.exitCode = await main(process.argv.slice(2));
