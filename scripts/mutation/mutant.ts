import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";

/** A place in a file, line and column from 1. */
interface Position {
  readonly line: number;
  readonly column: number;
}

/** One change of the code. */
export interface Mutant {
  readonly file: string;
  readonly mutatorName: string;
  readonly replacement: string;
  readonly start: Position;
  readonly end: Position;
}

const MODULES = "tools/mutation/node_modules";

interface Found {
  readonly fileName: string;
  readonly mutatorName: string;
  readonly replacement: string;
  readonly location: { readonly start: Position; readonly end: Position };
}

/** All mutants of the files, in their order in the code. Positions of the instrumenter count from 0. */
export async function mutantsOf(files: readonly string[]): Promise<Mutant[]> {
  const load = (name: string): Promise<any> => import(pathToFileURL(resolve(MODULES, name)).href);
  const { Instrumenter } = await load("@stryker-mutator/instrumenter/dist/src/index.js");
  const silent = () => {};
  const logger = { debug: silent, info: silent, warn: silent, isDebugEnabled: () => false };
  const { mutants } = (await new Instrumenter(logger).instrument(
    files.map((name) => ({ name, mutate: true, content: readFileSync(name, "utf8") })),
    { plugins: null, excludedMutations: [], ignorers: [], noHeader: false },
  )) as { mutants: Found[] };
  const fromOne = ({ line, column }: Position): Position => ({ line: line + 1, column: column + 1 });
  return mutants.map(({ fileName, mutatorName, replacement, location }) => ({
    file: fileName,
    mutatorName,
    replacement,
    start: fromOne(location.start),
    end: fromOne(location.end),
  }));
}

/** The range of a mutant, in the form of Stryker's option `mutate`: columns count from 0. */
export function rangeOf({ file, start, end }: Mutant): string {
  return `${file}:${start.line}:${start.column - 1}-${end.line}:${end.column - 1}`;
}

/** A key of the change. Mutants that make the same change have the same key. */
export function keyOf({ file, start, end, replacement }: Mutant): string {
  return `${file}:${start.line}:${start.column}-${end.line}:${end.column} ${replacement}`;
}

/** The text of a file in `folder` with the mutant in place. */
export function mutated(folder: string, { file, start, end, replacement }: Mutant): string {
  const text = readFileSync(join(folder, file), "utf8");
  const offsets = [0, ...Array.from(text.matchAll(/\n/g), ({ index }) => index + 1)];
  const at = ({ line, column }: Position): number => (offsets[line - 1] ?? 0) + column - 1;
  return text.slice(0, at(start)) + replacement + text.slice(at(end));
}

/** A sample of `count` mutants. The same seed selects the same ones. */
export function sampled(mutants: readonly Mutant[], count: number, seed: number): Mutant[] {
  const random = generator(seed);
  const keyed = mutants.map((mutant) => ({ mutant, order: random() }));
  return keyed
    .toSorted((one, other) => one.order - other.order)
    .slice(0, count)
    .map(({ mutant }) => mutant);
}

/** The random number generator Mulberry32: numbers from 0 to 1. */
function generator(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
