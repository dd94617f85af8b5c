/** The texts of `--help`, in lines of 80 columns. */
import { exitCodes } from "./exit.ts";

export const description = `Can this kernel callback hang the machine, and what is the smallest story that
shows it?

Loophole runs a model of a Windows driver's notification callbacks in a model
of Windows, in every order of events that its worlds allow, and shrinks what
breaks to a story.`;

const exits = `
Exit codes:
  ${exitCodes.clean}  clean, or all as it should be
  ${exitCodes.findings}  something was found, or is not as it should be
  ${exitCodes.input}  a mistake in the call or in a file: a line "place: what is wrong" on stderr
  ${exitCodes.fault}  a fault of Loophole itself`;

export const program = `
Examples:
  loophole init                                write a first driver, to begin with
  loophole check acme.driver.ts                judge one driver
  loophole check acme.driver.ts --save corpus  keep what is found
  loophole replay corpus                       see whether it still is so
  loophole suite drivers                       judge a folder, in CI

A driver file, in TypeScript or JavaScript:
  import { defineDriver } from "loophole-fuzz";
  export const driver = defineDriver("acme", (d) => {
    d.onProcessCreate("AcmeCreateProcess", (a) => {
      const done = a.event("ScanDone", "NotificationEvent");
      const scan = a.workItem("Scan", (w) => {
        w.ZwReadFile();
        w.KeSetEvent(done);
      });
      a.IoQueueWorkItem(scan, "DelayedWorkQueue");
      a.KeWaitForSingleObject(done); // for the item: as slow, as stuck, as it
    });
  });

loophole COMMAND --help tells more about a command.
${exits}`;

export const jsonOption =
  "print one line of JSON on stdout, and nothing else (see: loophole schema report)";

const baselines = `
To begin with drivers that have findings already, write them down once; from then
on only new ones fail. Each entry has a reason, and if you like an owner, and a
last day ("expires": "2031-12-31") after which it fails again:
  loophole suite drivers --write-baseline accepted.json
  loophole suite drivers --baseline accepted.json
--require-complete fails as well where the search did not see every state.

loophole.config.ts in the working folder says what holds where an option is not
given, and the folders of loophole suite:
  export default {
    drivers: ["drivers"],
    scope: "small",
    budget: 1_000_000,
    baseline: "accepted.json",
  };
`;

export const checkDescription = `Judges drivers: can a callback of theirs hang the machine, hold it up too long,
or crash it?

Each file's drivers are put into worlds: user threads that create and end
processes, a busy or exhausted pool of system workers, a service that is slow
or hung. What goes wrong in one is shrunk to few steps and told as a story.`;

export const check = `
A driver file exports
  driver    what defineDriver gives back; or drivers, a list on one machine
  worlds    optional: the worlds to judge it in, in place of Loophole's
  expected  optional: what is known of it, for loophole suite
or is a driver as JSON (loophole schema driver). A module is loaded in a process
of its own.

Examples:
  loophole check acme.driver.ts
  loophole check acme.driver.ts --scope small       a first answer, fewer worlds
  loophole check acme.driver.ts --budget 5_000_000  a longer search
  loophole check acme.driver.ts --time 60           as far as a minute goes
  loophole check acme.driver.ts other.driver.ts --together
                                                    do the two hang each other?
  loophole check acme.driver.ts --json --save corpus
${baselines}
The same file, scope, budget and seed give the same result on every machine.
--time and Ctrl-C stop from outside: what is found until then is told, with the
--budget that comes as far again. A second Ctrl-C ends at once.
${exits}`;

export const replayDescription = `Runs saved counterexamples again, and says of each whether it does what it says.

A file holds the drivers, the world and every decision of the run, so it needs
no seed and no search. Folders are searched for *.json.`;

export const replay = `
Examples:
  loophole replay corpus/acme.deadlock.3f9a01bc.json  tells the story
  loophole replay corpus                              checks all, one line each
  loophole replay corpus --stories

Exit code 0 means that every file did what it says: the bugs are still there.
${exits}`;

export const suiteDescription = `Judges every *.driver.ts (.js, .mjs, .json) below a folder, and compares with
what is known of it. Tells the story of everything found, then one table.`;

export const suite = `
A driver file says what is known of it. An outcome that it names has to be found,
by each of the mechanisms (of the rules: ids) in its list; one that it does not
name must not be found. So {} means clean, and a file that says nothing has to be
clean, too.
  export const expected = {
    deadlock: ["…"],  // a mechanism, as --json prints it
    latency: [],      // whatever the mechanism
    rule: ["R5"],
  };

Examples:
  loophole suite properties/drivers
  loophole suite properties/drivers --scope small --json
  loophole suite drivers --junit results.xml --annotations github
${baselines}
Exit code 0 means that every known verdict holds.
${exits}`;

export const mergeDescription = `Makes one report of what the shards of a check, a suite or a campaign printed:
byte for byte the one that the call prints without --shard.`;

export const merge = `
Examples:
  loophole suite drivers --shard 1/3 --json > 1.json    on one machine,
  loophole suite drivers --shard 2/3 --json > 2.json    on another …
  loophole suite drivers --shard 3/3 --json > 3.json
  loophole merge 1.json 2.json 3.json --json --junit results.xml
  loophole fuzz --runs 3000 --shard 1/2 --json > a.json
  loophole fuzz --runs 3000 --shard 2/2 --json > b.json
  loophole merge a.json b.json --save found

The exit code is that of the whole call.
${exits}`;

export const driftDescription = `Says which C functions changed since their model was reviewed. A model says where
it stands: .at("src/acme.c:120") behind a routine or a statement. What the
functions there are is kept beside the driver file, in *.reviewed.json, as hashes
in which white space and comments do not count.`;

export const drift = `
Examples:
  loophole drift acme.driver.ts --source ../acme --accept   reviewed, as it is
  loophole drift acme.driver.ts --source ../acme            in CI, from then on

A function is the same, moved (the same text elsewhere), changed, missing, or new
(nobody reviewed it). Exit code 1 for the last three.
${exits}`;

export const initDescription = `Writes a first driver (acme.driver.ts), its properties as a test for vitest
(acme.test.ts), and a workflow for GitHub (.github/workflows/loophole.yml). They
pass as they are. A file that is there already is left as it is.`;

export const init = `
Examples:
  loophole init
  loophole init drivers

What to do next is said at the end.`;

export const schemaDescription = `Prints the JSON Schema (draft 2020-12) of
  report    the line that --json prints (check, suite, and merge of their shards)
  campaign  the line that --json prints (fuzz, and merge of its shards)
  shard     the line that --json prints with --shard
  drift     the line that loophole drift --json prints
  driver    a driver as JSON
  config    what loophole.config.ts exports
  corpus    a saved counterexample
  baseline  findings that are accepted (--baseline)`;
