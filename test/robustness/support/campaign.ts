/** The state of a small campaign, as its folder keeps it. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { call } from "../../cli/support/call.ts";
import { makeFolder } from "../../cli/support/command.ts";

export async function campaignState(): Promise<string> {
  const folder = makeFolder({});
  try {
    const args = ["--runs", "2", "--run-budget", "100", "--save", "kept", "--workers", "1"];
    const { code, stderr } = await call(folder.path, "fuzz", ...args);
    if (code !== 0) throw new Error(`the campaign ended with ${code}: ${stderr}`);
    return readFileSync(join(folder.path, "kept/campaign.state"), "utf8");
  } finally {
    folder.remove();
  }
}
