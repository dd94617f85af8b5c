/** What a timeout of a message means where its page has two accounts (SV-7). */
import { expect, test } from "vitest";
import { check } from "../../src/campaign/check.ts";
import { defineDriver } from "../../src/windows/define-driver.ts";
import { worldsFor } from "../../src/worlds/worlds.ts";
import { look, world } from "./support/look.ts";

/** Asks a service that never answers, with this timeout. */
const asks = (Timeout: number | "10ms") =>
  defineDriver("asks", (d) => {
    const port = d.port("Port");
    const gaveUp = d.variable("GaveUp", 0);
    d.onProcessCreate("OnCreate", (a) => {
      const sent = a.FltSendMessage(port, "reply", { Timeout });
      a.when(sent.timedOut(), () => {
        a.WriteNoFence(gaveUp, 1);
      });
    });
  });

const noWait = { zeroMessageTimeout: "no wait" } as const;

test("SV-7: a message with a timeout of 0 is waited for without limit, unless the world has it otherwise", () => {
  expect(look(asks(0)).outcomes).toEqual(["deadlock"]);
  expect(look(asks(0)).finals("GaveUp")).toEqual([[0]]);
  expect(look(asks(0), noWait).outcomes).toEqual([]);
  expect(look(asks(0), noWait).finals("GaveUp")).toEqual([[1]]);
});

test("SV-6: a timeout above 0 is the same in either world", () => {
  for (const change of [{}, noWait]) {
    expect(look(asks("10ms"), change).outcomes).toEqual([]);
    expect(look(asks("10ms"), change).finals("GaveUp")).toEqual([[1]]);
  }
});

test("SV-7: a timeout of 0 from the driver's settings is open as well; that of a wait is a poll", () => {
  const driver = defineDriver("asks", (d) => {
    const port = d.port("Port");
    const patience = d.setting("Patience", 0);
    d.onProcessCreate("OnCreate", (a) => {
      a.FltSendMessage(port, "reply", { Timeout: patience });
    });
  });
  const polls = defineDriver("polls", (d) => {
    const done = d.event("Done", "NotificationEvent");
    d.onProcessCreate("OnCreate", (a) => {
      a.KeWaitForSingleObject(done, { Timeout: 0 });
    });
  });
  expect(look(driver).outcomes).toEqual(["deadlock"]);
  expect(look(driver, noWait).outcomes).toEqual([]);
  expect(look(polls).outcomes).toEqual([]);
});

test("SV-7: worlds have either account where a driver sends so, and findings name theirs", () => {
  const accounts = (driver: ReturnType<typeof asks>) =>
    new Set(worldsFor([driver], "default").map((one) => one.zeroMessageTimeout ?? "none"));
  expect(accounts(asks(0))).toEqual(new Set(["none", "no wait"]));
  expect(accounts(asks("10ms"))).toEqual(new Set(["none"]));
  const told = (driver: ReturnType<typeof asks>) =>
    check(
      { drivers: [driver], worlds: [world({ times: { callbackUs: 1_000 } })] },
      { scope: "small", budget: 5_000, seed: "s" },
    ).findings.map(({ finding: { outcome, assumptions } }) => [
      outcome,
      assumptions.some((one) => one.includes("SV-7")),
    ]);
  expect(told(asks(0))).toContainEqual(["deadlock", true]);
  expect(told(asks("10ms"))).toContainEqual(["latency", false]);
});
