// Loses ends in every way and prints the leak reports, one per line.

import { loseEnds } from "../support/lost-ends.ts";

for (const line of await loseEnds(globalThis.gc as () => void)) console.log(JSON.stringify(line));
