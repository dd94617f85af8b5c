/** The choices inside of one transition, tried out one after the other. */

/**
 * Goes one way, and then all others that its choices leave open.
 *
 * @param once Is given what chooses one of so many.
 * @param forced What the first choice comes to, where that is settled.
 */
export function inEachWay(once: (choose: (of: number) => number) => void, forced?: number): void {
  let way: number[] | undefined = [];
  while (way !== undefined) {
    const given: number[] = way;
    const taken: number[] = [];
    const ways: number[] = [];
    let left = forced;
    once((of) => {
      if (left !== undefined) {
        const first = left;
        left = undefined;
        return first;
      }
      const choice = given[taken.length] ?? 0;
      taken.push(choice);
      ways.push(of);
      return choice;
    });
    let last = taken.length - 1;
    while (last >= 0 && taken[last] + 1 >= ways[last]) last--;
    way = last < 0 ? undefined : [...taken.slice(0, last), taken[last] + 1];
  }
}
