/**
 * Like objects told apart: of objects with one name, those of several activations, records or drivers
 * get numbers, in the order in which a story speaks of them. All that one activation holds has the
 * activation's number.
 */
import { frameOf } from "../machine/frames.ts";
import { addressOf, F, isRef, T } from "../machine/layout.ts";
import { baseOf, type Machine } from "../machine/machine.ts";
import { Op, stride } from "../machine/opcodes.ts";
import { objectAt } from "./objects.ts";
import { followQueues } from "./queued-from.ts";

/** A word of a text that speaks of an object: its name, and which of that name it is. */
export interface Mention {
  readonly word: string;
  readonly name: string;
  /** The activation, record or place that the object belongs to. */
  readonly holder: string;
}

/** Names of objects, numbered where there are several. */
export interface Names {
  object(address: number): string;
  /** The item of a routine that stands in a queue, so many behind its first. */
  item(routine: number, queue: number, index: number): string;
}

export const plainNames = (m: Machine): Names => ({
  object: (address) => objectAt(m, address).name,
  item: (routine) => m.program.routines[routine].name,
});

export interface Instances {
  /** A routine's frame is new. */
  entered(thread: number): void;
  /** Looks which records are in use, and what is queued. */
  look(): void;
  /** What the call of a site speaks of, as far as that is known by now. */
  mentions(thread: number, site: number): Mention[];
  /** The words of a call that name pointers. */
  pointers(thread: number, site: number): string[];
  /** What a pointer of that name has come to point to. */
  handed(word: string, reference: number): Mention | undefined;
  /** The activation that the thread's running routine belongs to. */
  activation(thread: number): string;
  object(address: number): Mention | undefined;
  item(routine: number, queue: number, index: number): Mention;
}

const argument = /(?<=[(,{] ?)[A-Za-z_]\w*(?=[,)}]|->| of )/g;

export function createInstances(m: Machine): Instances {
  const { program, words } = m;
  const frames = new Map<number, number>();
  const records = new Map<number, { serial: number; used: boolean }>();
  const locals = new Map<number, Map<string, { offset: number; kind: string }>>();
  for (const [key, { name, kind }] of program.frameObjects) {
    const [routine, offset] = key.split(":").map(Number);
    const known = locals.get(routine) ?? new Map();
    locals.set(routine, known.set(name, { offset, kind }));
  }
  const ofFrame = (frame: number): string => `frame ${frame}, ${frames.get(frame) ?? 0}`;
  const queues = followQueues(m, ofFrame);
  const outer = (frame: number): number => {
    const captured = words[frame + F.captured];
    return isRef(captured) && addressOf(captured) >= program.threadFirst ? addressOf(captured) : 0;
  };

  function recordAt(address: number): { name: string; holder: string } | undefined {
    for (const { name, bases, words: size } of program.records) {
      const base = bases.find((b) => address >= b && address < b + size);
      if (base !== undefined)
        return { name, holder: `record ${base}, ${records.get(base)?.serial ?? 0}` };
    }
    return undefined;
  }

  function pointed(word: string, reference: number): Mention | undefined {
    const record = isRef(reference) ? recordAt(addressOf(reference)) : undefined;
    return record === undefined ? undefined : { word, ...record };
  }

  /** What a name means where the thread is: an address, and in which frame if it is in one. */
  function find(word: string, thread: number, owner: string) {
    for (let frame = frameOf(m, thread); frame !== 0; frame = outer(frame)) {
      const local = locals.get(words[frame + F.routine] - 1)?.get(word);
      if (local !== undefined) return { at: frame + local.offset, kind: local.kind, frame };
    }
    for (const [at, { name, kind, owner: whose }] of program.objects) {
      if (name === word && whose === owner) return { at, kind, frame: 0 };
    }
    return undefined;
  }

  function named(word: string, thread: number, owner: string): Mention | undefined {
    const found = find(word, thread, owner);
    if (found === undefined) return undefined;
    if (found.kind === "pointer") return pointed(word, words[found.at]);
    const holder = found.frame === 0 ? `at ${found.at}` : ofFrame(found.frame);
    return { word, name: word, holder };
  }

  /** An item that an instruction of this call queues from the running frame. */
  function queued(word: string, thread: number, site: number): Mention | undefined {
    const pc = words[baseOf(m, thread) + T.pc];
    for (let at = pc; program.code[at + 1] === site; at += stride) {
      if (program.code[at] !== Op.enqueue || program.code[at + 3] === 0) continue;
      const routine = program.routines[program.code[at + 3] - 1];
      if (routine.name !== word || program.code[at + 4] === 0) continue;
      let frame = frameOf(m, thread);
      for (let i = 1; i < program.code[at + 4] && frame !== 0; i++) frame = outer(frame);
      if (frame === 0) return undefined;
      const holder = ofFrame(frame);
      queues.comes(program.code[at + 3], holder);
      return { word, name: word, holder };
    }
    return undefined;
  }

  return {
    entered(thread) {
      const frame = frameOf(m, thread);
      frames.set(frame, (frames.get(frame) ?? 0) + 1);
    },
    look() {
      queues.look();
      for (const { bases } of program.records) {
        for (const base of bases) {
          const used = words[base] !== 0;
          const known = records.get(base);
          if (used && known?.used !== true)
            records.set(base, { serial: (known?.serial ?? 0) + 1, used });
          else if (known !== undefined) known.used = used;
        }
      }
    },
    mentions(thread, site) {
      const { text, owner, users } = program.sites[site];
      if (!users) return [];
      const found: Mention[] = [];
      for (const [word] of text.matchAll(argument)) {
        const mention = named(word, thread, owner) ?? queued(word, thread, site);
        if (mention !== undefined) found.push(mention);
      }
      return found;
    },
    pointers(thread, site) {
      const { text, owner } = program.sites[site];
      const args = [...text.matchAll(argument)].map(([word]) => word);
      return args.filter((word) => find(word, thread, owner)?.kind === "pointer");
    },
    handed: pointed,
    activation(thread) {
      let frame = frameOf(m, thread);
      for (let next = frame; next !== 0; next = outer(next)) frame = next;
      return frame === 0 ? "" : ofFrame(frame);
    },
    object(address) {
      const record = address < program.threadFirst ? recordAt(address) : undefined;
      if (record !== undefined) return { word: record.name, ...record };
      const { name, frame, kind } = objectAt(m, address);
      if (["message", "process", "thread", "object"].includes(kind)) return undefined;
      return { word: name, name, holder: frame === 0 ? `at ${address}` : ofFrame(frame) };
    },
    item(routine, queue, index) {
      const { name, owner } = program.routines[routine];
      const holder = queues.holderOf(queue, index);
      if (holder !== "") return { word: name, name, holder };
      // One of the driver's own is an object, and calls speak of that.
      const own = [...program.objects].find(
        ([, one]) => one.kind === "WORK_ITEM" && one.name === name && one.owner === owner,
      );
      return { word: name, name, holder: own === undefined ? `item ${routine}` : `at ${own[0]}` };
    },
  };
}

export interface Numbering {
  /** The number that tells it apart; undefined where it is the only one of its name. */
  of(mention: Mention): number | undefined;
  /** The number of an activation that holds something with a number. */
  ofHolder(holder: string): number | undefined;
}

/** Holders that have a name in common are numbered together, in order of first mention. */
export function numbered(mentions: readonly Mention[]): Numbering {
  const holders = new Map<string, Set<string>>();
  const group = new Map<string, string>();
  const rootOf = (holder: string): string => {
    let at = holder;
    for (let up = group.get(at); up !== undefined && up !== at; up = group.get(at)) at = up;
    return at;
  };
  for (const { name, holder } of mentions) {
    if (!group.has(holder)) group.set(holder, holder);
    const [first = holder] = holders.get(name) ?? [];
    group.set(rootOf(holder), rootOf(first));
    holders.set(name, (holders.get(name) ?? new Set<string>()).add(holder));
  }
  const numbers = new Map<string, number>();
  const counts = new Map<string, number>();
  for (const holder of group.keys()) {
    const root = rootOf(holder);
    counts.set(root, (counts.get(root) ?? 0) + 1);
    numbers.set(holder, counts.get(root) ?? 1);
  }
  const several = (name: string): boolean => (holders.get(name)?.size ?? 0) > 1;
  const telling = new Set(
    [...holders].filter(([name]) => several(name)).flatMap(([, all]) => [...all]),
  );
  return {
    of: ({ name, holder }) => (several(name) ? numbers.get(holder) : undefined),
    ofHolder: (holder) => (telling.has(holder) ? numbers.get(holder) : undefined),
  };
}

/** The text with a number behind each word that needs one: "KeSetEvent(ScanDone (2))". */
export function withNumbers(
  text: string,
  mentions: readonly Mention[],
  numbering: Numbering,
): string {
  const numbers = new Map(mentions.map((mention) => [mention.word, numbering.of(mention)]));
  return text.replace(argument, (word) => {
    const number = numbers.get(word);
    return number === undefined ? word : `${word} (${number})`;
  });
}

/** Names as a numbering has them; the field of a record follows the record's number. */
export function numberedNames(m: Machine, instances: Instances, numbering: Numbering): Names {
  const plain = plainNames(m);
  return {
    object(address) {
      const name = plain.object(address);
      const mention = instances.object(address);
      const number = mention === undefined ? undefined : numbering.of(mention);
      if (mention === undefined || number === undefined) return name;
      return name.replace(mention.word, `${mention.word} (${number})`);
    },
    item(routine, queue, index) {
      const name = plain.item(routine, queue, index);
      const number = numbering.of(instances.item(routine, queue, index));
      return number === undefined ? name : `${name} (${number})`;
    },
  };
}

/** Names that note down what is asked for. */
export function notingNames(m: Machine, instances: Instances, noted: Mention[]): Names {
  const plain = plainNames(m);
  return {
    object(address) {
      const mention = instances.object(address);
      if (mention !== undefined) noted.push(mention);
      return plain.object(address);
    },
    item(routine, queue, index) {
      noted.push(instances.item(routine, queue, index));
      return plain.item(routine, queue, index);
    },
  };
}
