/** `loophole schema`: the shapes of files and reports, as JSON Schema. */
import { baselineJsonSchema } from "../../corpus/baseline.ts";
import { printJson } from "../../corpus/json-text.ts";
import { counterexampleJsonSchema } from "../../corpus/schema.ts";
import { driverJsonSchema } from "../../language/schema.ts";
import { reportJsonSchema } from "../../report/json.ts";
import { configJsonSchema } from "../config-schema.ts";
import { driftJsonSchema } from "../drift/drift-schema.ts";
import { exitCodes } from "../exit.ts";
import { campaignJsonSchema } from "../fuzz/campaign-schema.ts";
import type { SchemaName } from "../options.ts";
import { print } from "../output.ts";
import { shardJsonSchema } from "../shard/record.ts";

const schemas: Readonly<Record<SchemaName, () => Record<string, unknown>>> = {
  report: reportJsonSchema,
  campaign: campaignJsonSchema,
  shard: shardJsonSchema,
  drift: driftJsonSchema,
  driver: driverJsonSchema,
  config: configJsonSchema,
  corpus: counterexampleJsonSchema,
  baseline: baselineJsonSchema,
};

export function schemaCommand(name: SchemaName): number {
  print(printJson(schemas[name]()));
  return exitCodes.clean;
}
