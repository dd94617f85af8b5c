/** The option `--shard`, for each command that has one. */
import { Option } from "commander";
import { parseShard } from "./shard.ts";

/** @param what What is divided, for the help. */
export const shardOption = (what: string): Option =>
  new Option(
    "--shard <i/n>",
    `do the i-th of n shares ${what}; loophole merge puts the reports together`,
  ).argParser(parseShard);
