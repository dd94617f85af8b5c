/** All rules, by the kind of task that they are for. */
import { apcRules } from "./rules/apcs.ts";
import { callRules } from "./rules/call.ts";
import { conditionsRules } from "./rules/conditions.ts";
import { dpcRules } from "./rules/dpcs.ts";
import { endsRules } from "./rules/ends.ts";
import { filtersRules } from "./rules/filters.ts";
import { locksRules } from "./rules/locks.ts";
import { pipesRules } from "./rules/pipes.ts";
import { poolRules } from "./rules/pool.ts";
import { portsRules } from "./rules/ports.ts";
import { processesRules } from "./rules/processes.ts";
import { queuesRules } from "./rules/queues.ts";
import { recordsRules } from "./rules/records.ts";
import { registrationsRules } from "./rules/registrations.ts";
import { removalRules } from "./rules/removal.ts";
import type { Rules } from "./rules/rule.ts";
import { statementsRules } from "./rules/statements.ts";
import { timersRules } from "./rules/timers.ts";
import { waitsRules } from "./rules/waits.ts";
import { worldRules } from "./rules/world.ts";

export const rules: Rules = {
  ...statementsRules,
  ...conditionsRules,
  ...callRules,
  ...waitsRules,
  ...locksRules,
  ...portsRules,
  ...pipesRules,
  ...queuesRules,
  ...recordsRules,
  ...timersRules,
  ...apcRules,
  ...dpcRules,
  ...poolRules,
  ...endsRules,
  ...filtersRules,
  ...processesRules,
  ...registrationsRules,
  ...worldRules,
  ...removalRules,
};
