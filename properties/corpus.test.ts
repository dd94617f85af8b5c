import { fileURLToPath } from "node:url";
import { findCorpusFiles, loadCounterexample, replay } from "loophole-fuzz";
import { expect, it } from "vitest";

const folder = fileURLToPath(new URL("../corpus/", import.meta.url));
const files = findCorpusFiles(folder);

it("has saved counterexamples to replay", () => {
  expect(files.length).toBeGreaterThan(10);
});

for (const file of files) {
  it(`still shows what ${file.replace(/^.*[\\/]/, "")} says`, async () => {
    expect(replay(await loadCounterexample(file)).mismatch).toBeUndefined();
  });
}
