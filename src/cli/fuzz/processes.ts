/** Other processes of this machine. */

/** Whether a process of this number, which is not us, lives beside us. */
export function isAnother(id: number): boolean {
  if (id === process.pid) return false;
  try {
    process.kill(id, 0);
    return true;
  } catch (error) {
    // One that we may not ask lives.
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
