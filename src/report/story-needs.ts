/** What of a finding is left where its world needs less, and how sure it is that nothing else is. */
import type { Finding } from "../judge/finding.ts";
import type { Beside, Need, RungClaim } from "../judge/needs.ts";
import { listed, roughly } from "./text.ts";

/** The rungs of the ladder, each as what somebody has in a world. */
const rungText: Readonly<Record<Need, string>> = {
  "nothing wrong": "one event on an idle, healthy machine",
  concurrency: "several events at once",
  "busy pool": "busy system worker threads",
  "slow service": "a slow service",
  "a neighbour": "another driver",
  "hung service": "a hung or ended service",
  fault: "a call that fails",
};

/** The case that needs least, where the one that is told needs more. */
export function simplestWords({ simplest, outcome }: Finding): string[] {
  if (simplest === undefined) return [];
  const { needs, world, latencyUs } = simplest;
  if (outcome === "latency") {
    const long = latencyUs === undefined ? "too long" : roughly(latencyUs);
    return [`It takes too long with less, too: ${long} with ${rungText[needs]}, in “${world}”.`];
  }
  return [
    `With no more than ${rungText[needs]} an order of steps leads there, too, in “${world}”, but no timing was found.`,
  ];
}

/** Other ways to the same, which are told no further. */
export const faceWords = ({ faces = [] }: Finding): string[] =>
  faces.map(({ mechanism, world, latencyUs }) => {
    const long = latencyUs === undefined ? "" : `, for ${roughly(latencyUs)}`;
    const order = latencyUs === undefined ? " No timing was found for that." : "";
    return `Also seen: ${mechanism}${long}, in “${world}”.${order}`;
  });

const claimText: Readonly<Record<RungClaim["claim"], string>> = {
  complete: "searched to the end, and they do not show it",
  sampled: "only sampled, and no run showed it",
  bounded: "not searched to their end, and what was seen does not show it",
  none: "",
};

const lackedBeside = (beside: readonly Beside[]): string =>
  beside.includes("service start")
    ? "neither loading, unloading nor the start of a service"
    : "neither loading nor unloading";

/** How far worlds that need less were searched. */
export function belowWords({ below = [], occasion }: Finding): string[] {
  // What goes on beside is what the others lack, however few events this one has.
  const { beside = [] } = occasion ?? {};
  const alone = beside.length === 0 ? "" : `, with ${lackedBeside(beside)} beside it,`;
  return (["complete", "sampled", "bounded"] as const).flatMap((claim) => {
    const rungs = below
      .filter((rung) => rung.claim === claim)
      .map(({ needs }) => `${rungText[needs]}${needs === "nothing wrong" ? alone : ""}`);
    // The list has a comma of its own.
    const told = listed(rungs).replaceAll(",,", ",");
    return rungs.length === 0 ? [] : [`Worlds with no more than ${told} were ${claimText[claim]}.`];
  });
}
