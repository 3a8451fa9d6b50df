import { movesOf, play, type Step, setups } from "../support/plays.ts";
import { random } from "../support/random.ts";

// Runs random sequences of operations on every conversion, and prints a summary. Arguments: the number of sequences for
// each conversion, the seed, and optionally the name of one conversion. At a failure it prints the shortest failing
// sequence it finds.

const [count, seed] = process.argv.slice(2, 4).map(Number) as [number, number];
const only = process.argv[4];
const SIZES = [0, 1, 2, 3, 100, 511, 512, 513, 699, 700, 701, 1024, 1033, 3000];
/** Endings are rare, because little can follow them. */
const ENDINGS = /destroy|close|end$|finish|iterate/i;

const strays: unknown[] = [];
process.on("uncaughtException", (error) => void strays.push(error));
process.on("unhandledRejection", (error) => void strays.push(error));

function sequenceOf(names: readonly string[], next: (below: number) => number): Step[] {
  const mayEnd = next(2) === 0;
  const steps: Step[] = [];
  for (let length = 3 + next(20); steps.length < length; ) {
    const name = names[next(names.length)] as string;
    if (ENDINGS.test(name) && (!mayEnd || next(3) > 0)) continue;
    steps.push([name, SIZES[next(SIZES.length)] as number]);
  }
  return steps;
}

async function failureOf(name: string, steps: readonly Step[]): Promise<unknown> {
  strays.length = 0;
  try {
    await play(setups[name] as (typeof setups)[string], steps, strays);
  } catch (error) {
    return error;
  }
  return undefined;
}

/** The sequence without the steps that are not needed for its failure. */
async function shrunk(name: string, steps: readonly Step[]): Promise<readonly Step[]> {
  let shortest = steps;
  for (let index = 0; index < shortest.length; ) {
    const shorter = shortest.toSpliced(index, 1);
    if ((await failureOf(name, shorter)) === undefined) index += 1;
    else shortest = shorter;
  }
  return shortest;
}

for (const [index, [name, setup]] of Object.entries(setups).entries()) {
  if (only !== undefined && name !== only) continue;
  const next = random(seed + index);
  const names = movesOf(setup);
  for (let number = 0; number < count; number++) {
    const steps = sequenceOf(names, next);
    const failure = await failureOf(name, steps);
    if (failure === undefined) continue;
    const shortest = await shrunk(name, steps);
    console.error(`${name}, sequence ${number} of seed ${seed}: ${JSON.stringify(shortest)}`);
    console.error((await failureOf(name, shortest)) ?? failure);
    process.exit(1);
  }
}
console.log(`${count} sequences of each of ${only ?? `${Object.keys(setups).length} conversions`}`);
