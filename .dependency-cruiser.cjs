/**
 * The layers, as a check: `npm run layers`.
 *
 * Each folder of `src/` imports only from itself and from those above it in this list. Type-only
 * imports count. A folder that is missing here may not be imported, and may not import.
 */
const layers = [
  "base",
  "machine",
  "language",
  "windows",
  "worlds",
  "judge",
  "explore",
  "generate",
  "shrink",
  "corpus",
  "report",
  "campaign",
  "cli",
];

/** The public faces: they may import every layer, and no layer imports them. */
const faces = ["src/index.ts", "src/vitest.ts"];

/** Imports that the order forbids and that stand all the same: `{ from, to, why }`, paths. */
const exceptions = [];

const anyOf = (parts) => `(?:${parts.join("|")})`;
const exactly = (path) => `^${path.replaceAll(".", "\\.")}$`;
const folders = (names) => `^src/${anyOf(names)}/`;
const facePattern = anyOf(faces.map(exactly));

const layerRules = layers.map((layer, position) => ({
  name: `layer-${layer}`,
  comment: `src/${layer} imports only from: ${layers.slice(0, position + 1).join(", ")}.`,
  severity: "error",
  from: {
    path: folders([layer]),
    pathNot: exceptions.map((exception) => exactly(exception.from)),
  },
  to: { path: "^src/", pathNot: folders(layers.slice(0, position + 1)) },
}));

const exceptionRules = exceptions.map(({ from, to, why }) => {
  const position = layers.indexOf(from.split("/")[1]);
  return {
    name: `layer-exception-${from}`,
    comment: why,
    severity: "error",
    from: { path: exactly(from) },
    to: { path: "^src/", pathNot: [folders(layers.slice(0, position + 1)), exactly(to)] },
  };
});

module.exports = {
  forbidden: [
    ...layerRules,
    ...exceptionRules,
    {
      name: "every-file-has-a-layer",
      comment: "A file of src/ lies in a folder of the list, or is a public face.",
      severity: "error",
      from: { path: "^src/", pathNot: [folders(layers), facePattern] },
      to: {},
    },
    {
      name: "src-stands-alone",
      comment: "src/ imports no test, suite or saved counterexample.",
      severity: "error",
      from: { path: "^src/" },
      to: { path: "^(?:test|properties|corpus)/" },
    },
    {
      name: "suites-use-public-faces",
      comment: "properties/ uses what every user can use.",
      severity: "error",
      from: { path: "^properties/" },
      to: { path: "^(?:src|test)/", pathNot: facePattern },
    },
    {
      name: "no-cycles",
      severity: "error",
      from: {},
      to: { circular: true },
    },
    {
      name: "no-missing-modules",
      severity: "error",
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: "src-needs-no-development-package",
      comment: "Whoever installs the package has only its dependencies (and vitest, for its face).",
      severity: "error",
      from: { path: "^src/", pathNot: exactly("src/vitest.ts") },
      to: { dependencyTypes: ["npm-dev"], dependencyTypesNot: ["npm", "npm-peer"] },
    },
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
    enhancedResolveOptions: {
      exportsFields: ["exports"],
      conditionNames: ["types", "import", "node", "default", "require"],
      extensions: [".ts", ".js", ".cjs", ".json", ".d.ts"],
    },
  },
};
