import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, test, vi } from "vitest";
import { check } from "../../src/campaign/check.ts";
import { initCommand } from "../../src/cli/commands/init.ts";
import { faultsOf } from "../../src/cli/expectation.ts";
import { templates } from "../../src/cli/init/templates.ts";
import { loadFiles } from "../../src/cli/load/load-files.ts";
import { refused } from "../language/support/refused.ts";
import { makeFolder } from "./support/command.ts";

const folder = makeFolder({});
afterAll(folder.remove);

/** What it prints. */
function init(path: string): string {
  const lines: string[] = [];
  const write = vi.spyOn(process.stdout, "write").mockImplementation((text) => {
    lines.push(String(text));
    return true;
  });
  try {
    expect(initCommand(path)).toBe(0);
  } finally {
    write.mockRestore();
  }
  return lines.join("");
}

test("what it writes can be loaded, is as it says, and leaves nothing unreached", async () => {
  const place = join(folder.path, "a new/place");
  init(place);
  const file = join(place, "acme.driver.ts");
  const { signal } = new AbortController();
  const loaded = await loadFiles([file], { timeoutMs: 600_000, signal, onOutput: () => {} });
  const [{ subject, expected }] = loaded ?? [];
  expect(expected).toEqual({});
  const report = check(subject, { scope: "small", budget: 200_000, seed: "loophole" });
  expect(faultsOf(report, expected)).toEqual([]);
  expect(report.verdict).toBe("clean");
  expect(report.unreached).toEqual([]);
});

test("it says what it wrote and what to do next, and needs what is not there yet", () => {
  const said = init(join(folder.path, "another"));
  for (const { path } of templates) expect(said).toContain(`\n  ${path} `);
  expect(said).toMatch(/ 1\. npm install --save-dev loophole-fuzz-[\d.]+tgz vitest\n/);
  expect(said).toMatch(/ 2\. npx loophole suite \.\n[\s\S]* 3\. npx vitest run\n/);
  expect(said).not.toContain("Move .github");
});

test("what is there already stays as it is, and is named", () => {
  const place = join(folder.path, "mine");
  mkdirSync(place);
  writeFileSync(join(place, "acme.test.ts"), "mine\n");
  const said = init(place);
  expect(said).toMatch(/Left as it is.*:\n {2}acme\.test\.ts /);
  expect(readFileSync(join(place, "acme.test.ts"), "utf8")).toBe("mine\n");
  expect(init(place)).not.toContain("Written");
  expect(readFileSync(join(place, "acme.test.ts"), "utf8")).toBe("mine\n");
});

test("below the top of a repository, it says where GitHub looks for a workflow", () => {
  mkdirSync(join(folder.path, "repository/.git"), { recursive: true });
  expect(init(join(folder.path, "repository"))).not.toContain("Move .github");
  expect(init(join(folder.path, "repository/drivers"))).toContain("Move .github to the top");
});

test("a folder that cannot be one is a mistake in the call", () => {
  writeFileSync(join(folder.path, "file"), "");
  expect(refused(() => initCommand(join(folder.path, "file"))).message).toContain(
    "cannot be made a folder",
  );
});
