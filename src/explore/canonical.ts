/**
 * Symmetry of identical threads: a state is renamed to a representative before it is compared.
 * Whatever the order chosen, the result is a renaming of the state, so that a poor choice only
 * merges less and never wrongly.
 */
import { bounds } from "../base/bounds.ts";
import { mix } from "../base/hash.ts";
import type { Program } from "../machine/program.ts";
import type { Parts } from "./parts.ts";

export interface Canonicalizer {
  readonly program: Program;
  /** Component of an address. */
  readonly componentOf: Int16Array;
  /** Where each component begins. */
  readonly bases: Int32Array;
  /** Class and place in it of a component; −1 where it is alone. */
  readonly classOf: Int16Array;
  readonly bundleOf: Int16Array;
  readonly positionOf: Int16Array;
  readonly bundles: readonly (readonly number[])[];
  readonly bundleClass: readonly number[];
  readonly keys: Int32Array;
  /** What each bundle's own parts say of it, and which parts those were: they mostly stay. */
  readonly ownKeys: Int32Array;
  readonly ownParts: Int32Array;
  readonly sums: Int32Array;
  /** References between bundles of the state at hand: from, to, and where. */
  readonly edges: { from: Int32Array; to: Int32Array; tag: Int32Array; count: number };
  /** Bundles that such a reference leaves or enters. */
  readonly linked: Uint8Array;
  /** Where each component's part goes, once a renaming is chosen. */
  readonly target: Int16Array;
  /** For threads: the new index of each. */
  readonly threadTarget: Int32Array;
  /** Steps that the last choice of a renaming took. */
  work: number;
}

/** References between bundles beyond this many are left out: states then merge less. */
const edgesMax: number = bounds.renamingEdges.max;

export function createCanonicalizer(program: Program): Canonicalizer {
  const size = program.initial.length;
  const componentOf = new Int16Array(size);
  program.components.forEach((component, i) => {
    componentOf.fill(i, component.base, component.base + component.size);
  });
  const n = program.components.length;
  const classOf = new Int16Array(n).fill(-1);
  const bundleOf = new Int16Array(n).fill(-1);
  const positionOf = new Int16Array(n);
  const bundles: (readonly number[])[] = [];
  const bundleClass: number[] = [];
  program.symmetry.forEach((symmetry, c) => {
    for (const bundle of symmetry.bundles) {
      bundle.forEach((component, position) => {
        classOf[component] = c;
        bundleOf[component] = bundles.length;
        positionOf[component] = position;
      });
      bundles.push(bundle);
      bundleClass.push(c);
    }
  });
  return {
    program,
    componentOf,
    bases: Int32Array.from(program.components, ({ base }) => base),
    classOf,
    bundleOf,
    positionOf,
    bundles,
    bundleClass,
    keys: new Int32Array(bundles.length),
    ownKeys: new Int32Array(bundles.length),
    ownParts: new Int32Array(n).fill(-1),
    sums: new Int32Array(bundles.length),
    edges: {
      from: new Int32Array(edgesMax),
      to: new Int32Array(edgesMax),
      tag: new Int32Array(edgesMax),
      count: 0,
    },
    linked: new Uint8Array(bundles.length),
    target: Int16Array.from({ length: n }, (_, i) => i),
    threadTarget: new Int32Array(program.threads.length),
    work: 0,
  };
}

function ownKeyOf(c: Canonicalizer, parts: Parts, tuple: Int32Array, bundle: number): number {
  const { ownKeys, ownParts } = c;
  const components = c.bundles[bundle];
  let isKnown = true;
  for (let k = 0; k < components.length; k++) {
    const component = components[k];
    if (ownParts[component] === tuple[component]) continue;
    ownParts[component] = tuple[component];
    isKnown = false;
  }
  if (!isKnown) ownKeys[bundle] = keyOf(c, parts, tuple, bundle);
  return ownKeys[bundle];
}

function keyOf(c: Canonicalizer, parts: Parts, tuple: Int32Array, bundle: number): number {
  let h = 7;
  for (const component of c.bundles[bundle]) {
    const part = tuple[component];
    h = mix(h, parts.plain[part]);
    const end = parts.firstReference[part + 1];
    for (let r = parts.firstReference[part]; r < end; r++) {
      const address = parts.referenceTo[r];
      const to = c.componentOf[address];
      const offset = address - c.bases[to];
      h = mix(h, parts.referenceAt[r]);
      if (c.bundleOf[to] === bundle) h = mix(mix(h, 101 + c.positionOf[to]), offset);
      else if (c.classOf[to] >= 0) h = mix(mix(h, 1009 + c.classOf[to]), offset);
      else h = mix(h, address);
    }
  }
  return h | 0;
}

/**
 * Chooses the renaming for a state, given the part of each component. Returns whether anything
 * moves; `target` and `threadTarget` then say where to.
 */
export function chooseRenaming(c: Canonicalizer, parts: Parts, tuple: Int32Array): boolean {
  c.work = 0;
  if (c.bundles.length === 0) return false;
  const { keys } = c;
  for (let b = 0; b < c.bundles.length; b++) keys[b] = ownKeyOf(c, parts, tuple, b);
  collectReferences(c, parts, tuple);
  refine(c, 2);
  // References of references, where the near ones do not tell.
  if (firstTie(c) >= 0) refine(c, 6);
  // Alike but not interchangeable, because of who refers to whom: tell one of them apart, and see
  // what that says of the others.
  for (let round = 0; round < c.bundles.length; round++) {
    const tied = firstTie(c);
    if (tied < 0) break;
    keys[tied] = mix(keys[tied], 0x5eed) | 0;
    refine(c, 6);
  }
  let moved = false;
  for (let first = 0; first < c.bundles.length; ) {
    let last = first;
    while (last < c.bundles.length && c.bundleClass[last] === c.bundleClass[first]) last++;
    // Insertion sort of a handful, stable.
    const order = orderOf(keys, first, last);
    c.work += (last - first) * 4;
    for (let place = 0; place < order.length; place++) {
      const from = c.bundles[order[place]];
      const to = c.bundles[first + place];
      if (order[place] !== first + place) moved = true;
      for (let k = 0; k < from.length; k++) c.target[from[k]] = to[k];
    }
    first = last;
  }
  if (!moved) return false;
  c.program.components.forEach(({ thread }, i) => {
    if (thread >= 0) c.threadTarget[thread] = c.program.components[c.target[i]].thread;
  });
  return true;
}

/** Notes references between bundles; those from outside go into the keys at once. */
function collectReferences(c: Canonicalizer, parts: Parts, tuple: Int32Array): void {
  const { keys, edges, bases, bundleOf, componentOf } = c;
  const { firstReference, referenceTo, referenceAt } = parts;
  edges.count = 0;
  c.linked.fill(0);
  for (let i = 0; i < bases.length; i++) {
    const from = bundleOf[i];
    const part = tuple[i];
    const end = firstReference[part + 1];
    for (let r = firstReference[part]; r < end; r++) {
      const address = referenceTo[r];
      const component = componentOf[address];
      const to = bundleOf[component];
      if (to < 0 || to === from) continue;
      const at = referenceAt[r];
      const offset = address - bases[component];
      if (from < 0) {
        keys[to] = mix(keys[to], mix(bases[i] + at, offset)) | 0;
      } else if (edges.count < edgesMax) {
        edges.from[edges.count] = from;
        edges.to[edges.count] = to;
        edges.tag[edges.count++] = mix(mix(c.positionOf[i], at), offset);
        c.linked[from] = 1;
        c.linked[to] = 1;
      }
    }
  }
}

/** Colour refinement over the references. */
function refine(c: Canonicalizer, rounds: number): void {
  const { keys, sums, edges } = c;
  if (edges.count === 0) return;
  c.work += rounds * (edges.count + keys.length);
  for (let round = 0; round < rounds; round++) {
    sums.fill(0);
    for (let e = 0; e < edges.count; e++) {
      const { from, to, tag } = edges;
      sums[from[e]] = (sums[from[e]] + mix(tag[e], keys[to[e]])) | 0;
      sums[to[e]] = (sums[to[e]] + mix(tag[e] ^ 0x2b, keys[from[e]])) | 0;
    }
    for (let b = 0; b < keys.length; b++) keys[b] = mix(keys[b], sums[b]) | 0;
  }
}

/** The first bundle with a like of the same key, where references are involved; −1 if none. */
function firstTie(c: Canonicalizer): number {
  const { keys, linked, bundleClass } = c;
  if (c.edges.count === 0) return -1;
  for (let a = 0; a < keys.length; a++) {
    c.work++;
    if (linked[a] === 0) continue;
    for (let b = a + 1; b < keys.length && bundleClass[b] === bundleClass[a]; b++) {
      c.work++;
      if (linked[b] !== 0 && keys[a] === keys[b]) return a;
    }
  }
  return -1;
}

const orders: number[][] = [];
function orderOf(keys: Int32Array, first: number, last: number): number[] {
  const size = last - first;
  if (orders[size] === undefined) orders[size] = new Array(size);
  const order = orders[size];
  for (let i = 0; i < size; i++) {
    let at = i;
    const bundle = first + i;
    while (at > 0 && keys[order[at - 1]] > keys[bundle]) {
      order[at] = order[at - 1];
      at--;
    }
    order[at] = bundle;
  }
  return order;
}
