/** Values that nobody expects, as JSON text: some of it no value can be printed to. */
import type { Random } from "../../../src/base/random.ts";
import { oneOf } from "./draw.ts";

const deep = (levels: number, open: string, close: string, inside = ""): string =>
  open.repeat(levels) + inside + close.repeat(levels);

/** Names that every JavaScript object has, beside those that it was given. */
export const inherited = [
  "__proto__",
  "constructor",
  "prototype",
  "toString",
  "valueOf",
  "hasOwnProperty",
  "__defineGetter__",
  "length",
];

const values: readonly (() => string)[] = [
  ...["null", "true", "false", "0", "-0", "-1", "1", "1.5", "1e308", "1e400", "-1e400", "1e-400"],
  ...["9007199254740993", "2147483647", "2147483648", "-2147483649", "3600000000", "1000", "64"],
  ...['""', '" "', '"a"', '"none"', '"9999999999s"', '"-5ms"', "[]", "{}", "[[]]", "[null]"],
  ...['"\\u0000"', '"\\ud800"', '"\\u2028"', '"\\u001b[2J"', '"é\\n\\r\\t"', '"../../x"', '"con"'],
  // What a terminal or a CI system would act on.
  ...[
    '"\\u009b31m\\u0007"',
    '"\\n::error::INJECTED"',
    '"%0A::error::INJECTED"',
    '"\\u202e\\u2066x"',
  ],
  ...inherited.map((name) => `"${name}"`),
  ...inherited.map((name) => `{"${name}":{"a":1}}`),
].map((text) => () => text);

const large: readonly (() => string)[] = [
  () => `"${"x".repeat(100_000)}"`,
  () => `[${"0,".repeat(20_000)}0]`,
  () => `{${Array.from({ length: 5_000 }, (_, i) => `"k${i}":${i}`).join(",")}}`,
  () => deep(190, "[", "]"),
  () => deep(300, "[", "]"),
  () => deep(50_000, "[", "]"),
  () => deep(300, '{"a":', "}", "1"),
  () => deep(20_000, '{"a":', "}", "1"),
  () => deep(150, '{"kind":"repeat","times":1000,"body":[', "]}"),
  () => deep(150, '{"kind":"not","test":', "}", '{"kind":"opaque","condition":"A"}'),
  () => "1".repeat(5_000),
];

export const strangeValue = (random: Random): string =>
  oneOf(random, oneOf(random, [values, values, values, large]))();
