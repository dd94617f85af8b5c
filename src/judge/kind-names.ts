/** What is waited for, by how its kind ends; other kinds are called by their own name. */
export const kindNames = [
  ["Event", "an event"],
  ["Timer", "a timer"],
  ["message", "a reply"],
  ["process", "a process's end"],
  ["thread", "a thread's end"],
] as const;
