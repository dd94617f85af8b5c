/** Bounds of a driver model: beyond them a file is taken for a slip. Sizes, unless a unit is said. */

/** Characters of a name or label. */
export const nameLengthMax = 100;
/** Characters of a note, a repository, a commit. */
export const textLengthMax = 1_000;
/** Declarations in one list: objects, records, settings, fields, locals… */
export const declarationsMax = 500;
export const routinesMax = 500;
/** Statements of one body, branch or loop. */
export const statementsMax = 2_000;
/** All statements of a driver. */
export const statementsOfDriverMax = 20_000;
/** Levels of JSON in a driver file, so that every walk over a model may recurse. */
export const nestingMax = 200;
/** Objects of one wait: a result names one of them. */
export const waitObjectsMax = 4;
/** Rounds of a repeat. */
export const repeatMax = 1_000;
/** Rounds of a poll that has a limit. */
export const pollLimitMax = 100_000;
/** Messages that fit into a pipe: one that nobody reads is full in the end, whatever its size. */
export const roomMax = 4;
/** Records of one kind that can exist at once. */
export const recordCountMax = 64;
/** Threads of a service that start with the same routine. */
export const threadCountMax = 64;
/** Timeouts and costs stay below this many microseconds: one week. */
export const durationUsMax = 604_800_000_000;
/** Parameters of a call, and operations that it is made of. */
export const paramsMax = 16;
/** Events of a family, and its paths. */
export const eventsMax = 16;
/** Times as often as most calls that a generator draws one. */
export const weightMax = 100;
/**
 * Numbers that a driver keeps, either side of 0. In the machine's words what begins at 2^30 is a
 * reference: this leaves room for counting on.
 */
export const numberMax = 1_000_000_000;
/** MAXLONG, which many give a semaphore that has no limit. */
export const semaphoreLimitMax = 2 ** 31 - 1;

/** A C identifier. */
export const namePattern = /^[A-Za-z_]\w{0,99}$/;
/** Drivers are named like files. */
export const driverNamePattern = /^[A-Za-z][\w.-]{0,99}$/;
export const labelPattern = /^[A-Za-z][\w.-]{0,99}$/;
/** The result of a call: the builder's are `KeSetEvent#1`. */
export const resultNamePattern = /^[A-Za-z_][\w#.-]{0,119}$/;
/** A file of the C source, perhaps with folders, and a line: `sys/acme.c:120`. */
export const cPlacePattern = /^[\w./+-]{1,200}:[1-9]\d{0,6}$/;
/** An event, of which `d.onDeviceInterfaceArrival` and `a.isEvent("arrival")` are made. */
export const wordPattern = /^[a-z][A-Za-z0-9]{0,39}$/;
export const familyPattern = /^[a-z][a-z0-9]{0,39}(?:-[a-z][a-z0-9]{0,39}){0,4}$/;
/** What a user of a world does. */
export const actionPattern = /^[a-z][\w ,'-]{1,79}$/;
