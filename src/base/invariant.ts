/** A fault of Loophole's own. Never a finding about a driver, never a fault of an input file. */
export class InvariantError extends Error {
  override readonly name = "InvariantError";
}

/**
 * States what must hold at this point, in our code and for every input.
 *
 * @throws {InvariantError} when `condition` is falsy; `what` says what should have held.
 */
export function invariant(condition: unknown, what: string): asserts condition {
  if (!condition) throw new InvariantError(`fault in Loophole: it must hold that ${what}`);
}

/**
 * Closes an exhaustive `switch`: the compiler rejects the call while a case is missing.
 *
 * @throws {InvariantError} always; only data that bypassed validation gets here.
 */
export function unreachable(value: never, what: string): never {
  throw new InvariantError(`fault in Loophole: no such ${what}: ${String(JSON.stringify(value))}`);
}
