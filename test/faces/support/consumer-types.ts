/** What TypeScript makes of a file in a team's folder. */
import { join } from "node:path";
import ts from "typescript";

interface Read {
  /** `acme.ts(3): …`, of the team's files and of ours. */
  readonly faults: readonly string[];
  /** Files of our package that it had to read, from the package's folder. */
  readonly ours: readonly string[];
}

/** @param resolution How a team's own tsconfig has it, which is as strict as can be. */
export function readTypes(
  folder: string,
  files: readonly string[],
  resolution: "nodenext" | "bundler",
): Read {
  const isNode = resolution === "nodenext";
  const program = ts.createProgram({
    rootNames: files.map((file) => join(folder, file)),
    options: {
      strict: true,
      exactOptionalPropertyTypes: true,
      noUncheckedIndexedAccess: true,
      noPropertyAccessFromIndexSignature: true,
      isolatedModules: true,
      noEmit: true,
      skipLibCheck: false,
      allowImportingTsExtensions: true,
      target: ts.ScriptTarget.ES2022,
      // Neither Node's types nor the browser's are ours to ask for.
      lib: ["lib.es2022.d.ts"],
      types: [],
      module: isNode ? ts.ModuleKind.NodeNext : ts.ModuleKind.ESNext,
      moduleResolution: isNode ? ts.ModuleResolutionKind.NodeNext : ts.ModuleResolutionKind.Bundler,
    },
  });
  const top = `${folder.replaceAll("\\", "/")}/`;
  const home = `${top}node_modules/loophole-fuzz/`;
  const read = program.getSourceFiles().filter(({ fileName }) => fileName.startsWith(top));
  const ours = read.filter(({ fileName }) => fileName.startsWith(home));
  const theirs = read.filter(({ fileName }) => !fileName.includes("/node_modules/"));
  const faults = [
    ...program.getOptionsDiagnostics(),
    ...program.getGlobalDiagnostics(),
    ...[...theirs, ...ours].flatMap((file) => [
      ...program.getSyntacticDiagnostics(file),
      ...program.getSemanticDiagnostics(file),
    ]),
  ];
  return {
    faults: faults.map(shown),
    ours: ours.map(({ fileName }) => fileName.slice(home.length)),
  };
}

function shown({ file, start, messageText }: ts.Diagnostic): string {
  const text = ts.flattenDiagnosticMessageText(messageText, " ");
  if (file === undefined || start === undefined) return text;
  const { line } = file.getLineAndCharacterOfPosition(start);
  return `${file.fileName.split("/").at(-1)}(${line + 1}): ${text}`;
}
