#!/usr/bin/env node
/** The command `loophole` of a checkout, which runs as TypeScript; a package has loophole.ts built. */
import { register } from "tsx/esm/api";

register();
await import("./loophole.ts");
