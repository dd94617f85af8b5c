/** What the loading process and its parent say to each other. */

/** What a file is loaded as, which says what it has to export. */
export type LoadedAs = "driver" | "config";

/** Parent to child: load this file, an absolute path. */
export interface LoadRequest {
  readonly load: string;
  readonly as: LoadedAs;
  /** Stands ahead of every answer: the file does not know it. */
  readonly secret: string;
}

/** What a driver file exports, as plain JSON that nobody has judged yet. */
export interface Exports {
  readonly driver?: unknown;
  readonly drivers?: unknown;
  readonly worlds?: unknown;
  readonly expected?: unknown;
}

/** A mistake in the file, seen while it was loaded. */
export interface LoadFailure {
  /** A line of the driver file; or of `file`, a path from the driver file's folder. */
  readonly line?: number;
  readonly file?: string;
  /** Which part of the exports is meant: `drivers[1].name`. */
  readonly part?: string;
  readonly reason: string;
}

export type LoadReply =
  | { readonly kind: "ready" }
  /** Exports as JSON text, which nobody has judged yet. */
  | { readonly kind: "loaded"; readonly json: string }
  | { readonly kind: "failed"; readonly failure: LoadFailure }
  | { readonly kind: "fault"; readonly message: string; readonly stack?: string };

/** Where the child reads its request: open for as long as the parent lives. */
export const requestFd = 3;
/** Where it answers: lines of JSON, each behind the secret of the request. */
export const answersFd = 4;
