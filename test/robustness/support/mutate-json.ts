/** Mutations of a JSON value: the text stays JSON, its meaning does not stay what it was. */
import { nextInt, type Random } from "../../../src/base/random.ts";
import { oneOf } from "./draw.ts";
import { inherited, strangeValue } from "./values.ts";

/** JSON as a tree that keeps the order of keys, keys that come twice, and texts that are no value. */
type Node =
  | { readonly kind: "raw"; text: string }
  | { readonly kind: "list"; items: Node[] }
  | { readonly kind: "object"; members: [key: string, value: Node][] };

function toNode(value: unknown): Node {
  if (Array.isArray(value)) return { kind: "list", items: value.map(toNode) };
  if (typeof value !== "object" || value === null) {
    return { kind: "raw", text: JSON.stringify(value) };
  }
  return {
    kind: "object",
    members: Object.entries(value).map(([key, member]) => [key, toNode(member)]),
  };
}

function print(node: Node): string {
  switch (node.kind) {
    case "raw":
      return node.text;
    case "list":
      return `[${node.items.map(print).join(",\n")}]`;
    case "object":
      return `{${node.members.map(([key, member]) => `${JSON.stringify(key)}:${print(member)}`).join(",\n")}}`;
  }
}

/** Where a node stands, and how to put another in its place. */
interface Spot {
  readonly node: Node;
  readonly set: (node: Node) => void;
}

function spotsOf(root: Spot): Spot[] {
  const spots = [root];
  for (const { node } of spots) {
    if (node.kind === "list") {
      node.items.forEach((item, i) => {
        spots.push({
          node: item,
          set: (other) => {
            node.items[i] = other;
          },
        });
      });
    }
    if (node.kind === "object") {
      for (const member of node.members) {
        spots.push({
          node: member[1],
          set: (other) => {
            member[1] = other;
          },
        });
      }
    }
  }
  return spots;
}

const raw = (text: string): Node => ({ kind: "raw", text });
const of = <K extends Node["kind"]>(spots: readonly Spot[], kind: K) =>
  spots.flatMap(({ node }) => (node.kind === kind ? [node as Extract<Node, { kind: K }>] : []));

type Mutation = (spots: readonly Spot[], random: Random) => void;

const onObject =
  (change: (members: [string, Node][], random: Random) => void): Mutation =>
  (spots, random) => {
    const objects = of(spots, "object").filter(({ members }) => members.length > 0);
    if (objects.length > 0) change(oneOf(random, objects).members, random);
  };

const onList =
  (change: (items: Node[], random: Random) => void): Mutation =>
  (spots, random) => {
    const lists = of(spots, "list").filter(({ items }) => items.length > 0);
    if (lists.length > 0) change(oneOf(random, lists).items, random);
  };

/** Of a copy nothing contains itself. Nothing where it holds a text that is no value. */
function copied(node: Node): Node | undefined {
  try {
    return toNode(JSON.parse(print(node)));
  } catch {
    return undefined;
  }
}

const mutations: Readonly<Record<string, Mutation>> = {
  "a strange value": (spots, random) => oneOf(random, spots).set(raw(strangeValue(random))),
  "a strange leaf": (spots, random) => {
    const leaves = spots.filter(({ node }) => node.kind === "raw");
    if (leaves.length > 0) oneOf(random, leaves).set(raw(strangeValue(random)));
  },
  "a leaf from elsewhere": (spots, random) => {
    const leaves = spots.filter(({ node }) => node.kind === "raw");
    if (leaves.length > 0) oneOf(random, leaves).set(oneOf(random, leaves).node);
  },
  "a text from elsewhere": (spots, random) => {
    const texts = spots.filter(({ node }) => node.kind === "raw" && node.text.startsWith('"'));
    if (texts.length > 0) oneOf(random, texts).set(oneOf(random, texts).node);
  },
  "a part from elsewhere": (spots, random) => {
    const node = copied(oneOf(random, spots).node);
    if (node !== undefined) oneOf(random, spots).set(node);
  },
  "a key removed": onObject((members, random) => {
    members.splice(nextInt(random, members.length), 1);
  }),
  "a key renamed": onObject((members, random) => {
    const names = [...inherited, "", "Name", "kinds", ...members.map(([key]) => key)];
    oneOf(random, members)[0] = oneOf(random, names);
  }),
  "a key more": onObject((members, random) => {
    const at = nextInt(random, members.length + 1);
    members.splice(at, 0, [oneOf(random, [...inherited, "x"]), raw(strangeValue(random))]);
  }),
  "a key twice": onObject((members, random) => {
    const [key] = oneOf(random, members);
    members.push([key, raw(strangeValue(random))]);
  }),
  "an item removed": onList((items, random) => {
    items.splice(nextInt(random, items.length), 1);
  }),
  "an item again": onList((items, random) => {
    const item = oneOf(random, items);
    for (let times = oneOf(random, [1, 3, 20, 60]); times > 0; times--) items.push(item);
  }),
  "items turned round": onList((items) => {
    items.reverse();
  }),
  "a list wrapped": (spots, random) => {
    const spot = oneOf(random, spots);
    spot.set({ kind: "list", items: [spot.node] });
  },
};

/** Mutations after which a value may well still be what it was. */
const gentle: Readonly<Record<string, Mutation>> = {
  "a member from another like it": (spots, random) => {
    const members = of(spots, "object").flatMap((object) => object.members);
    if (members.length === 0) return;
    const member = oneOf(random, members);
    const others = members.filter(([key]) => key === member[0]);
    member[1] = copied(oneOf(random, others)[1]) ?? member[1];
  },
  "a name for another": (spots, random) => {
    const texts = spots.filter(({ node }) => node.kind === "raw" && /^"\w+"$/.test(node.text));
    if (texts.length > 0) oneOf(random, texts).set(oneOf(random, texts).node);
  },
  "a number for another": (spots, random) => {
    const numbers = spots.filter(({ node }) => node.kind === "raw" && /^-?\d/.test(node.text));
    const others = ["0", "1", "2", "1000", "100000", "2147483647", "-2147483648", "3599999999"];
    if (numbers.length > 0) oneOf(random, numbers).set(raw(oneOf(random, others)));
  },
  "an item gone": onList((items, random) => {
    items.splice(nextInt(random, items.length), 1);
  }),
  "an item moved": onList((items, random) => {
    const [item] = items.splice(nextInt(random, items.length), 1);
    items.splice(nextInt(random, items.length + 1), 0, item);
  }),
  "an item repeated": onList((items, random) => {
    const item = oneOf(random, items);
    for (let times = oneOf(random, [1, 2, 20]); times > 0; times--) items.push(item);
  }),
  "statements in a loop": (spots, random) => {
    const bodies = spots.flatMap(({ node }) =>
      node.kind === "object"
        ? node.members.filter(([key, value]) => key === "body" && value.kind === "list")
        : [],
    );
    if (bodies.length === 0) return;
    const body = oneOf(random, bodies);
    for (let levels = oneOf(random, [1, 2, 4, 40]); levels > 0; levels--) {
      const times = raw(oneOf(random, ["1", "3", "1000"]));
      const loop: Node = {
        kind: "object",
        members: [
          ["kind", raw('"repeat"')],
          ["times", times],
          ["body", body[1]],
        ],
      };
      body[1] = { kind: "list", items: [loop] };
    }
  },
};

export const gentleMutationNames = Object.keys(gentle);

const spotsMax = 20_000;

export const jsonMutationNames = Object.keys(mutations);

/** A JSON text with so many mutations of these names. */
export function mutateJson(json: string, names: readonly string[], random: Random): string {
  let root = toNode(JSON.parse(json));
  for (const name of names) {
    const top: Spot = {
      node: root,
      set: (node) => {
        root = node;
      },
    };
    const spots = spotsOf(top);
    // What was multiplied twice is large enough.
    if (spots.length > spotsMax) break;
    (gentle[name] ?? mutations[name])(spots, random);
  }
  return print(root);
}
