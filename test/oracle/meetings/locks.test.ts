import { expect, it } from "vitest";
import type { Statement } from "../../../src/language/model.ts";
import { searched } from "../adapter.ts";
import { call, object, to } from "../draw/draft.ts";
import { met, threads } from "./meet.ts";

type Body = readonly Statement[];
const resource = object("Lock", "ERESOURCE");
const held = (api: string, release: string, param: string, meanwhile: Body = []): Body => [
  call(api, { [param]: to("Lock"), ...(param === "Resource" ? { Wait: "TRUE" } : {}) }),
  ...meanwhile,
  call(release, { [param]: to("Lock") }),
];
const ofResource = (name: string, meanwhile: Body = []): Body =>
  held(name, "ExReleaseResourceLite", "Resource", meanwhile);
const exclusive = ofResource("ExAcquireResourceExclusiveLite");
const shared = ofResource("ExAcquireResourceSharedLite");
const starving = ofResource("ExAcquireSharedStarveExclusive");
const yielding = ofResource("ExAcquireSharedWaitForExclusive");

it.each([
  ["who shares is passed by nobody who came later (SY-12)", [exclusive, shared, exclusive]],
  ["two who share and one who writes (SY-11)", [shared, exclusive, shared]],
  ["one who starves writers (SY-13)", [exclusive, exclusive, starving]],
  ["one who starves writers among sharers (SY-13)", [shared, exclusive, starving]],
  ["one who yields to writers (SY-13)", [shared, exclusive, yielding]],
])("an ERESOURCE: %s", (_, bodies) => {
  met(threads(bodies, [resource]));
});

it("an ERESOURCE: a sharer shares once more past a writer, but not where he yields (SY-11, SY-13)", () => {
  const more = (inner: Body): Body => ofResource("ExAcquireResourceSharedLite", inner);
  met(threads([more(shared), exclusive], [resource]));
  met(threads([more(yielding), exclusive], [resource]));
  met(threads([more(exclusive)], [resource]));
  met(threads([ofResource("ExAcquireResourceExclusiveLite", shared), shared], [resource]));
});

it("an ERESOURCE that is shared from now on lets in who waits to share ahead of writers (SY-12)", () => {
  const converts = ofResource("ExAcquireResourceExclusiveLite", [
    call("ExConvertExclusiveToSharedLite", { Resource: to("Lock") }),
  ]);
  met(threads([converts, exclusive, shared], [resource]));
  met(threads([converts, exclusive, exclusive], [resource]));
  const twice = ofResource("ExAcquireResourceExclusiveLite", converts);
  met(threads([twice, shared], [resource]));
});

const pushed = (form: "Exclusive" | "Shared"): Body =>
  held(`FltAcquirePushLock${form}`, "FltReleasePushLock", "PushLock");
const spun = (form: "Exclusive" | "Shared"): Body =>
  held(`ExAcquireSpinLock${form}`, `ExReleaseSpinLock${form}`, "SpinLock");

it.each([
  ["EX_PUSH_LOCK", pushed],
  ["EX_SPIN_LOCK", spun],
] as const)(
  "an %s is had in line, also by who comes when it is free (SY-15, SY-16)",
  (kind, of) => {
    const lock = object("Lock", kind);
    met(threads([of("Exclusive"), of("Shared"), of("Exclusive")], [lock]));
    met(threads([of("Shared"), of("Exclusive"), of("Shared")], [lock]));
    met(threads([of("Shared"), of("Shared"), of("Exclusive")], [lock]));
  },
);

it("a FAST_MUTEX that is taken in one form and given back in another keeps nothing of who had it (SY-8)", () => {
  const mutex = { FastMutex: to("Fast") };
  const of = (...apis: readonly string[]): Body => apis.map((api) => call(api, mutex));
  const objects = [object("Fast", "FAST_MUTEX")];
  const other = of("ExAcquireFastMutex", "ExReleaseFastMutexUnsafe");
  expect(searched(threads([other, other], objects)).walks.mistold).toEqual([]);
  const right = of("ExAcquireFastMutex", "ExReleaseFastMutex");
  expect(met(threads([right, right], objects)).walks.mistold).toEqual([]);
});

it("the IRQL is raised and lowered to what it is without a crash", () => {
  const raise = (NewIrql: string): Statement => call("KeRaiseIrql", { NewIrql });
  const lower = (NewIrql: string): Statement => call("KeLowerIrql", { NewIrql });
  const body = [
    raise("APC_LEVEL"),
    raise("APC_LEVEL"),
    lower("APC_LEVEL"),
    lower("PASSIVE_LEVEL"),
    lower("PASSIVE_LEVEL"),
  ];
  expect(met(threads([body], [])).crashes).toEqual([]);
  expect(met(threads([[lower("APC_LEVEL")]], [])).crashes.length).toBe(1);
});
