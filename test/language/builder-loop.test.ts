import { describe, expect, test } from "vitest";
import { printRoutine } from "../../src/language/print.ts";
import { refusedBody, untyped } from "./support/bodies.ts";
import { place, validate } from "./support/file.ts";
import { placesIn } from "./support/refused.ts";
import { apis, defineDriver, type KernelActivation } from "./support/tables.ts";

const placeOf = placesIn(import.meta.url);

/** The text of a callback with this body. */
const text = (body: (a: KernelActivation) => void): string => {
  const driver = defineDriver("acme", (d) => d.onProcess("Callback", body));
  return printRoutine(driver.routines[0], apis);
};

describe("a drain", () => {
  test("takes entries until the list has none, and runs its body with each", () => {
    const drained = text((a) => {
      const list = a.list("List");
      const entry = a.pointer("Entry");
      a.drain(list, entry, () => {
        a.ZwReadFile();
      }).at("acme.c:7");
    });
    expect(drained).toBe(
      `Callback: callback
  LIST_ENTRY List
  pointer Entry
  until RemoveHeadList#1 found nothing, without limit  // acme.c:7
    RemoveHeadList(List, Entry)  // acme.c:7
    if RemoveHeadList#1 succeeded  // acme.c:7
      ZwReadFile()
`,
    );
  });

  test("stands in another, and behind another, with a call of its own", () => {
    const nested = text((a) => {
      const [list, entry] = [a.list("List"), a.pointer("Entry")];
      a.drain(list, entry, () => {
        a.drain(list, entry, () => {});
      });
      a.drain(list, entry, () => {});
    });
    for (const name of ["#1", "#2", "#3"]) {
      expect(nested).toContain(`until RemoveHeadList${name} found nothing`);
      expect(nested).toContain(`if RemoveHeadList${name} succeeded`);
    }
  });

  test("is refused for what has no entries, at its line", () => {
    const error = refusedBody((a) => {
      a.drain(untyped(a.queue("Queue")), a.pointer("Entry"), () => {}); // <queue>
    });
    expect(error.place).toBe(placeOf("queue"));
    expect(error.reason).toBe("drain takes LIST_ENTRY or IO_CSQ, not KQUEUE Queue");
    expect(refusedBody((a) => a.drain(a.csq("Irps"), a.pointer("Irp"), () => {})).reason).toBe(
      "no call of the table takes entries off a IO_CSQ one by one",
    );
  });
});

describe("a loop that asks for a result from before it", () => {
  test("is refused if it polls for nothing else", () => {
    const error = refusedBody((a) => {
      const read = a.ZwReadFile();
      a.poll({ until: read.succeeded(), limit: 3 }, () => a.KeDelayExecutionThread("1ms")); // <poll>
    });
    expect(error.place).toBe(placeOf("poll"));
    expect(error.reason).toMatch(
      /^this poll asks what ZwReadFile#1 came back with, a call outside/,
    );
  });

  test("is refused if it makes the same call again and drops what that comes back with", () => {
    const error = refusedBody((a) => {
      const read = a.ZwReadFile();
      a.forever(() => {
        a.when(read.failed(), () => a.return()); // <again>
        a.ZwReadFile();
      });
    });
    expect(error.place).toBe(placeOf("again"));
    expect(error.reason).toMatch(
      /^this asks what ZwReadFile came back with before the loop, while/,
    );
  });

  test("is no fault if that can end nothing, or the loop's own call is asked, too", () => {
    const fine = text((a) => {
      const count = a.variable("Count");
      const read = a.ZwReadFile();
      a.poll({ until: read.failed().or(count.atLeast(2)), limit: 3 }, () => {});
      a.repeat(2, () => {
        a.when(read.failed(), () => a.return());
        const next = a.ZwReadFile();
        a.when(next.failed(), () => a.return());
      });
      let last = read;
      a.poll({ until: () => last.succeeded(), limit: 3 }, () => {
        last = a.ZwReadFile();
      });
    });
    expect(fine).toContain("until ZwReadFile#3 succeeded");
  });

  test("is refused in a file, at its place", () => {
    const driver = JSON.parse(
      JSON.stringify(
        defineDriver("acme", (d) => {
          d.onProcess("Callback", (a) => {
            let read = a.ZwReadFile();
            a.poll({ until: () => read.succeeded(), limit: 3 }, () => {
              read = a.ZwReadFile();
            });
          });
        }),
      ),
    );
    const [first, poll] = driver.routines[0].body;
    first.result = "before";
    poll.until.of = "before";
    expect(() => validate(driver)).toThrow(`${place}: routines[0].body[1].until`);
  });
});

describe("a number that a call hands back", () => {
  test("is compared like a variable, or asked for outright", () => {
    const compared = text((a) => {
      const was = a.InterlockedExchange(a.variable("Busy"), 1);
      a.when(was.is(0).and(was.notEquals(2), was.below(3), was.atLeast(-1)), () => {});
      a.when(was.equals(5).not(), () => {});
    });
    const name = "InterlockedExchange#1";
    expect(compared).toContain(
      `if ${name} == 0 and ${name} != 2 and ${name} < 3 and ${name} >= -1`,
    );
    expect(compared).toContain(`if not ${name} == 5`);
  });

  test("is a whole number, and of calls that have one", () => {
    expect(refusedBody((a) => a.InterlockedExchange(a.variable("Busy"), 1).is(0.5)).reason).toBe(
      "a number is compared with a whole number",
    );
    expect(refusedBody((a) => untyped(a.ZwReadFile()).is(1)).reason).toBe(
      "ZwReadFile comes back with success, failure; not with 1",
    );
    const driver = JSON.parse(
      JSON.stringify(
        defineDriver("acme", (d) => {
          d.onProcess("Callback", (a) => a.when(a.ZwReadFile().failed(), () => {}));
        }),
      ),
    );
    driver.routines[0].body[1].test = { kind: "returned", of: "ZwReadFile#1", op: "==", value: 0 };
    expect(() => validate(driver)).toThrow("that call hands back no number");
  });

  test("can be had in user mode, of an intrinsic", () => {
    const driver = defineDriver("acme", (d) => {
      const shared = d.variable("Shared");
      d.service("Agent", (s) => {
        s.thread("Worker", (t) => {
          t.when(t.InterlockedExchange(shared, 1).is(0), () => t.return());
        });
      });
    });
    expect(driver.routines[0].body).toHaveLength(2);
  });
});
