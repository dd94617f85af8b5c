/** C is read as far as it takes to tell one function's text from another. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { functionsOf } from "../../src/cli/drift/c-functions.ts";
import { tokensOf } from "../../src/cli/drift/c-tokens.ts";

const names = (source: string): string[] => functionsOf(source).map(({ name }) => name);
const shown = (source: string): string[] =>
  functionsOf(source).map(({ name, line, end }) => `${name} ${line}-${end}`);

const driver = `#include <ntddk.h>
#pragma alloc_text(PAGE, AcmeCreate)
/* a comment with { and " in it */
typedef struct _ACME { LIST_ENTRY Entry; BOOLEAN (*Ask)(PVOID); } ACME, *PACME;
static const char *Words[] = { "}", "{", "'" };
enum Kind { One, Two };
NTSTATUS AcmeDeclared(VOID);

_Use_decl_annotations_
_IRQL_requires_max_(PASSIVE_LEVEL)
static NTSTATUS
AcmeCreate(
    _In_ PVOID Context, // }
    _In_ BOOLEAN Create)
{
    char c = '}';
    if (Create) { DbgPrint("a \\" { %d", c); }
#if ACME_TRACE
    if (c) {
#else
    if (!c) {
#endif
        return STATUS_SUCCESS;
    }
    __try { Ask(); } __except (EXCEPTION_EXECUTE_HANDLER) { }
    return STATUS_UNSUCCESSFUL;
}

VOID AcmeExit(VOID) { AcmeCreate(NULL, FALSE); }
#if 0
VOID AcmeGone(VOID) {
#else
VOID AcmeThere(VOID)
{
#endif
}
`;

test("functions are found by their shape, among all that braces and parentheses are used for", () => {
  expect(shown(driver)).toEqual(["AcmeCreate 9-27", "AcmeExit 29-29", "AcmeThere 33-36"]);
});

test("of C++, methods, constructors and what stands in namespaces are found", () => {
  const source = `extern "C" { void NTAPI Plain(int a) noexcept { } }
namespace acme { class Filter { public: Filter() : m_a(0), m_b{1} { } int Get() const { return m_a; } int m_a, m_b; }; }
acme::Filter::~Filter() { }
auto acme::Filter::Late(int x) -> decltype(x) { return x; }
const wchar_t* Raw = LR"x( { )" } )x"; void After() { }
__declspec(noinline) __attribute__((cold)) void Marked(void) __attribute__((used)) { }`;
  expect(names(source)).toEqual([
    "Plain",
    "Filter",
    "Get",
    "acme::Filter::~Filter",
    "acme::Filter::Late",
    "After",
    "Marked",
  ]);
});

/** White space and comments where tokens meet; a line comment needs its line's end. */
const gap = fc.constantFrom(
  " ",
  "\n",
  "\r\n",
  "\t",
  " /* { ' \" */ ",
  " // }\n",
  "\\\n",
  " \\\r\n",
);
const word = fc.constantFrom(
  "a",
  "b1",
  "1",
  '"{"',
  "'}'",
  '"\\""',
  "+",
  ";",
  "(",
  ")",
  "{ }",
  "if",
);

test("white space, comments and line ends between tokens change no function", () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(word, gap), { maxLength: 30 }), (parts) => {
      const plain = `int f(void) {\n${parts.map(([text]) => text).join(" ")}\n}`;
      const loose = `int\tf ( void )\r\n{ ${parts.map(([text, space]) => `${text} ${space}`).join("")}\n}`;
      expect(functionsOf(loose).map(({ hash }) => hash)).toEqual(
        functionsOf(plain).map(({ hash }) => hash),
      );
    }),
  );
});

test("any other token changes it, in a branch that is left out, too", () => {
  const [before] = functionsOf(driver);
  for (const [from, to] of [
    ["!c", "c"],
    ["ACME_TRACE", "ACME_TRACE2"],
    ['"a \\"', '"b \\"'],
    ["'}'", "'{'"],
  ]) {
    const [after] = functionsOf(driver.replace(from, to));
    expect(after.name).toBe("AcmeCreate");
    expect(after.hash).not.toBe(before.hash);
  }
  const [apart, joined] = ["a b", "ab"].map((text) => functionsOf(`int f() { ${text}; }`)[0].hash);
  expect(apart).not.toBe(joined);
});

test("whatever a file holds, it is read to its end", () => {
  const piece = fc.constantFrom(
    ..."{}()\"'#/*\\\n;:=~<>aR",
    "//",
    "/*",
    "*/",
    "#if 0\n",
    "#else\n",
    'R"(',
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 60 }), (pieces) => {
      const source = pieces.join("");
      const lines = source.split("\n").length;
      for (const { line } of tokensOf(source)) expect(line).toBeLessThanOrEqual(lines);
      for (const { line, end } of functionsOf(source)) expect(line).toBeLessThanOrEqual(end);
    }),
    { numRuns: 500 },
  );
});
