// The rules for the manifest of a published package. The repository's address comes from the root's package.json.
import { isDeepStrictEqual } from "node:util";
import { type Manifest, type Package, webAddress } from "./packages.ts";

type Field = "author" | "license" | "homepage" | "bugs" | "repository";
type Fields = { readonly [field in Field]: Manifest[field] | undefined };

/** The fields that are copied from the root's manifest. */
function derivedFields(folder: string, root: Manifest): Fields {
  const address = webAddress(root);
  return {
    author: root.author,
    license: root.license,
    homepage: `${address}/tree/main/${folder}#readme`,
    bugs: { url: `${address}/issues` },
    repository: { type: "git", url: `git+${address}.git`, directory: folder },
  };
}

/** The problems of a manifest, one sentence each. `privateNames` are packages that are never published. */
export function manifestProblems(
  { folder, manifest }: Package,
  root: Manifest,
  privateNames: ReadonlySet<string>,
): string[] {
  const problems: string[] = [];
  const expect = (met: boolean, problem: string): void => {
    if (!met) problems.push(`${folder}/package.json: ${problem}`);
  };

  for (const [field, expected] of Object.entries(derivedFields(folder, root))) {
    const found = manifest[field as keyof Fields];
    expect(
      expected !== undefined && isDeepStrictEqual(found, expected),
      `${field} must be ${JSON.stringify(expected)}; got ${JSON.stringify(found)}. run npm run manifests -- --write`,
    );
  }
  const { keywords = [] } = manifest;
  expect((manifest.description ?? "") !== "", "description must not be empty; describe the package");
  expect(keywords.length >= 3, `keywords must have at least 3 words; got ${keywords.length}`);
  expect(new Set(keywords).size === keywords.length, "keywords must not repeat a word");
  expect(manifest.engines?.["node"] !== undefined, "engines.node must be the supported versions of Node");
  expect(manifest.exports?.["./package.json"] === "./package.json", 'exports must contain "./package.json"');
  expect(
    isDeepStrictEqual(manifest.publishConfig, { access: "public" }),
    `publishConfig must be {"access":"public"}; got ${JSON.stringify(manifest.publishConfig)}`,
  );
  for (const file of ["CHANGELOG.md", "dist", "src"])
    expect(manifest.files?.includes(file) === true, `files must contain "${file}"`);
  expect(
    manifest.scripts?.["prepack"] === "node ../../scripts/publishing/prepack.ts",
    "scripts.prepack must be node ../../scripts/publishing/prepack.ts, which builds the package",
  );
  for (const field of ["dependencies", "peerDependencies", "devDependencies"] as const) {
    for (const name of Object.keys(manifest[field] ?? {}))
      expect(
        !privateNames.has(name),
        `${field} must not name ${name}, which is not published; move it to the root's devDependencies`,
      );
  }
  return problems;
}

/** The manifest with the fields that come from the root, after its description, and without private packages. */
export function corrected(
  { folder, manifest }: Package,
  root: Manifest,
  privateNames: ReadonlySet<string>,
): Manifest {
  const derived = derivedFields(folder, root);
  const devDependencies = Object.fromEntries(
    Object.entries(manifest.devDependencies ?? {}).filter(([name]) => !privateNames.has(name)),
  );
  const isDerived = (field: string): boolean => Object.hasOwn(derived, field);
  const entries = Object.entries({ ...manifest, devDependencies })
    .filter(([field]) => !isDerived(field))
    .flatMap((entry) => (entry[0] === "description" ? [entry, ...Object.entries(derived)] : [entry]))
    .filter(([field]) => field !== "devDependencies" || Object.keys(devDependencies).length > 0);
  return Object.fromEntries(entries) as unknown as Manifest;
}
