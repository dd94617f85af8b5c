/** A name for a list of texts. */
import { createHash } from "node:crypto";

export const digestOf = (texts: readonly string[]): string =>
  createHash("sha256").update(texts.join("\n")).digest("base64");
