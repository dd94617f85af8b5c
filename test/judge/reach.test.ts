import fc from "fast-check";
import { expect, test } from "vitest";
import { comesBackTo } from "../../src/judge/reach.ts";
import { Op, stride } from "../../src/machine/opcodes.ts";
import type { Program } from "../../src/machine/program.ts";

/** Code of jumps, branches and returns between so many instructions. */
const anyCode = fc
  .array(fc.tuple(fc.constantFrom(Op.jump, Op.choose, Op.return, Op.end), fc.nat({ max: 30 })), {
    minLength: 1,
    maxLength: 14,
  })
  .map((list): { readonly program: Program; readonly pcs: readonly number[] } => {
    const code = new Int32Array(list.length * stride);
    list.forEach(([op, to], i) => {
      code[i * stride] = op;
      code[i * stride + (op === Op.jump ? 2 : 3)] = (to % list.length) * stride;
    });
    // Nothing else of a program is looked at.
    const program = { code } as unknown as Program;
    return { program, pcs: list.map((_, i) => i * stride) };
  });

/** What can run behind an instruction, found the slow way. */
function behind({ code }: Program, pc: number): Set<number> {
  const seen = new Set<number>();
  const pending = [pc];
  for (let at = pending.pop(); at !== undefined; at = pending.pop()) {
    const next =
      code[at] === Op.jump
        ? [code[at + 2]]
        : code[at] === Op.choose
          ? [at + stride, code[at + 3]]
          : [];
    for (const to of next.filter((one) => one > 0 && one < code.length && !seen.has(one))) {
      seen.add(to);
      pending.push(to);
    }
  }
  return seen;
}

test("a loop is what control passes from an instruction on and back to it, in whatever order one asks", () => {
  fc.assert(
    fc.property(
      anyCode.chain(({ program, pcs }) =>
        fc.tuple(fc.constant(program), fc.shuffledSubarray([...pcs], { minLength: pcs.length })),
      ),
      ([program, pcs]) => {
        for (const pc of pcs) {
          const after = behind(program, pc);
          const around = [...after].filter((at) => behind(program, at).has(pc));
          expect(comesBackTo(program, pc)).toEqual(around.sort((a, b) => a - b));
        }
      },
    ),
    { numRuns: 1_000 },
  );
});

test("the loops of long code are found at once", () => {
  const length = 100_000;
  const code = new Int32Array(length * stride);
  for (let i = 0; i < length; i++) {
    code[i * stride] = i % 10 === 9 ? Op.choose : Op.jump;
    code[i * stride + 2] = (i + 1) * stride;
    code[i * stride + 3] = (i - 8) * stride;
  }
  const program = { code } as unknown as Program;
  expect(comesBackTo(program, stride)).toHaveLength(9);
  expect(comesBackTo(program, (length - 2) * stride)).toHaveLength(9);
});
