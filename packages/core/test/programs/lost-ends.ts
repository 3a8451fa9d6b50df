// Loses ends in every way and prints the reports of the leaks, one a line.

import { loseEnds } from "../support/lost-ends.ts";

for (const line of await loseEnds(globalThis.gc as () => void)) console.log(JSON.stringify(line));
