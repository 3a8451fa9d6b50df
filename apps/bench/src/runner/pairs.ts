import type { CostSample } from "../scenarios/scenario.ts";
import { width } from "../statistics.ts";
import { choices, transferring } from "../subjects/choices.ts";
import type { Series } from "./entrant.ts";
import { isMeasured, ratioOf } from "./ratio.ts";

type Costs = Series<CostSample>;

/** A ratio whose interval is wider than this part of its median is measured further. */
const NARROW = 0.25;

/** Who is compared with whom, of those that were measured. */
function pairsOf(all: readonly Costs[]): [of: Costs, over: Costs][] {
  const find = (name: string) => all.find((one) => one.contender === name && isMeasured(one));
  return choices.flatMap(({ ours, same, today }) =>
    [same, today].flatMap((rivals, group) => {
      const rival = rivals.map(find).find((one) => one !== undefined);
      // Only the second group gets its chunks by reference, and is so compared with ours that passes them on as well.
      const mine = (group === 1 ? find(transferring(ours)) : undefined) ?? find(ours);
      return mine && rival ? [[mine, rival] as [Costs, Costs]] : [];
    }),
  );
}

/** Those that one more round could tell apart. Once out of it, a pair stays out: what is compared is what both have measured. */
export function undecided(all: readonly Costs[]): Set<Costs> {
  const wide = pairsOf(all).filter(([of, over]) => {
    const ratio = ratioOf(of, over);
    return ratio !== undefined && width(ratio) > NARROW;
  });
  return new Set(wide.flat());
}
