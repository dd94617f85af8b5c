/**
 * Nidhogg again (see nidhogg.driver.ts), for the case that restoring a hidden module fails: its
 * entry then stays in the driver's list, and the loop that runs until the list has no more entry
 * of this process finds it again.
 *
 * Source: Idov31/Nidhogg, commit 6cdca042, GPL-3; modelled by reading; no code copied. Read:
 * Nidhogg/MemoryHandler.cpp:632-642 (the loop), 655-684 (an error of line 668 returns at 672,
 * before the entry is removed at 680), 698-796 (what can fail: no valid neighbour and no valid
 * entry to link to), ListHelper.hpp:91-111. Nothing was run; whether the failure can be brought
 * about in a process that exits was not looked into.
 */
import { defineDriver, type Expectation } from "loophole-fuzz";

export const driver = defineDriver("nidhogg-stale-module", (d) => {
  d.origin(
    "https://github.com/Idov31/Nidhogg",
    "6cdca0424bf169f4cf0a15ce1baf3fab40e95c13",
    "Modelled by reading; no code copied.",
  );
  const listLock = d.pushLock("HiddenModulesLock");

  d.onProcessExit("OnProcessCreationExit", (a) => {
    const gone = a.variable("EntryIsGone");
    a.when(a.opaque("HasHiddenModule"), () => {
      a.poll({ until: gone.notEquals(0), limit: "forever" }, () => {
        a.PsLookupProcessByProcessId().at("MemoryHandler.cpp:664");
        a.KeStackAttachProcess().at("MemoryHandler.cpp:730");
        a.KeUnstackDetachProcess().at("MemoryHandler.cpp:794");
        a.when(a.opaque("RestoringWorks"), () => {
          a.ExAcquirePushLockExclusive(listLock).at("ListHelper.hpp:130");
          a.WriteNoFence(gone, 1).at("ListHelper.hpp:132");
          a.ExReleasePushLockExclusive(listLock).at("ListHelper.hpp:136");
        }).at("MemoryHandler.cpp:670");
        a.ExAcquirePushLockExclusive(listLock).label("search").at("ListHelper.hpp:97");
        a.ExReleasePushLockExclusive(listLock).label("searched").at("ListHelper.hpp:110");
      }).at("MemoryHandler.cpp:638");
    });
  }).at("ProcessHandler.cpp:67");
});

/**
 * Livelock: the exit callback goes round for ever; no state from which the entry would be gone can
 * be reached. The process stays half dead, and a parent that waits for it waits for good.
 */
export const expected: Expectation = {
  livelock: ["callback goes round for ever"],
};
