/** What the code under test says of a driver's objects, state by state, in the words of `endings.ts`. */
import { search } from "../../src/explore/search.ts";
import { get } from "../../src/explore/store.ts";
import { P, processState, Q, Tag } from "../../src/machine/layout.ts";
import { createMachine, type Machine } from "../../src/machine/machine.ts";
import { sharersMax } from "../../src/machine/objects/shared-lock.ts";
import { compileScenario } from "../../src/windows/compile-scenario.ts";
import { viewOf } from "./adapter-views.ts";
import { createEndings, type Endings } from "./endings.ts";
import { indexed, type Scenario } from "./scenario.ts";
import { isTold } from "./words.ts";

export function endings(scenario: Scenario, budget: number): Endings {
  const program = compileScenario(scenario as unknown as Parameters<typeof compileScenario>[0]);
  const m = createMachine(program, false);
  const { store, first, over, expanded } = search(m, { budget });
  const declared = scenario.drivers.flatMap(({ objects, services }) =>
    [...objects, ...services.flatMap((one) => one.objects)].filter(isTold),
  );
  const places = [...program.objects].filter(([, { name }]) =>
    declared.some((one) => one.name === name),
  );
  const { registrationsChange } = indexed(scenario);
  const found = createEndings();
  for (let state = 0; state < expanded; state++) {
    if (over[state] !== 0) continue;
    get(store, state);
    const { words } = m;
    const objects = places.map(
      ([at, { name, kind }]) => `${name} ${kind === "variable" ? words[at] : valueAt(m, at)}`,
    );
    found.take(
      viewOf(m, objects, registrationsChange),
      objects,
      [
        ...[...program.registrations].map(
          ([at, { routine }]) =>
            `${program.routines[routine].name} ${words[at + 1] === 0 ? "on" : "off"}`,
        ),
        `dead ${program.processes.filter(({ base }) => words[base + P.state] === processState.dead).length}`,
      ],
      first[state] === first[state + 1],
    );
  }
  return found.done();
}

function valueAt({ words }: Machine, at: number): string {
  const first = words[at + 1];
  switch (words[at]) {
    case Tag.semaphore:
      return String(first === 0 ? 0 : -first);
    case Tag.mutex:
      return String(words[at + 2]);
    case Tag.rundown:
      return `${first !== 0 ? "down" : "up"} ${words[at + 2]}`;
    case Tag.resource:
    case Tag.pushLock:
    case Tag.sharedSpinLock: {
      // Of an EX_SPIN_LOCK the second word of a sharer is no depth.
      const isSpin = words[at] === Tag.sharedSpinLock;
      let shares = 0;
      for (let i = 0; i < sharersMax; i++)
        if (words[at + 3 + 2 * i] !== 0) shares += isSpin ? 1 : words[at + 4 + 2 * i];
      return `${first === 0 ? "no" : "an"} owner, ${shares} shares`;
    }
    case Tag.queue:
    case Tag.list:
    case Tag.csq:
      return String(words[at + Q.count]);
    case Tag.port:
      return `${words[at + Q.count]}${words[at + Q.flag] !== 0 ? " gone" : ""}`;
    default:
      return first !== 0 ? "1" : "0";
  }
}
