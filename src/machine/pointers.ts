/** The pointer register: what pointers hold, and addresses that are handed on. */
import { frameOf, markEscaped, resolve, staleRecord } from "./frames.ts";
import { addressOf, Mode, refTo, T } from "./layout.ts";
import type { Machine } from "./machine.ts";

export function loadPointer(m: Machine, t: number, base: number, from: number): void {
  const variable = resolve(m, t, from);
  if (variable >= 0) m.words[base + T.pointer] = m.words[variable];
}

export function storePointer(m: Machine, t: number, base: number, to: number): void {
  const variable = resolve(m, t, to);
  if (variable >= 0) m.words[variable] = m.words[base + T.pointer];
}

/**
 * The address of an object, which is not looked at: of something that an empty or a stale pointer
 * leads to, what comes of it is as empty or as stale.
 */
export function loadAddress(m: Machine, t: number, base: number, operandWord: number): void {
  const { words } = m;
  const mode = operandWord >>> 24;
  if (mode === Mode.pointer) {
    const reference = words[base + T.pointer];
    if (reference > staleRecord)
      words[base + T.pointer] = refTo(addressOf(reference) + (operandWord & 0xffffff));
    return;
  }
  const at = resolve(m, t, operandWord);
  if (at < 0) return;
  if (mode === Mode.local) markEscaped(m, frameOf(m, t));
  words[base + T.pointer] = refTo(at);
}
