import type { CostSample } from "../scenarios/scenario.ts";
import { width } from "../statistics.ts";
import { choices, transferring } from "../subjects/choices.ts";
import type { Series } from "./participant.ts";
import { isMeasured, ratioOf } from "./ratio.ts";

type Costs = Series<CostSample>;

/** A ratio is measured further while its interval is wider than this part of its median. */
const NARROW = 0.25;

/** The pairs that are compared, of those that were measured. */
function pairsOf(all: readonly Costs[]): [of: Costs, over: Costs][] {
  const find = (name: string) => all.find((one) => one.implementation === name && isMeasured(one));
  return choices.flatMap(({ ours, same, today }) =>
    [same, today].flatMap((rivals, group) => {
      const rival = rivals.map(find).find((one) => one !== undefined);
      // Only the second group passes chunks by reference, so it is compared with the one of pipe512 that does so too.
      const mine = (group === 1 ? find(transferring(ours)) : undefined) ?? find(ours);
      return mine && rival ? [[mine, rival] as [Costs, Costs]] : [];
    }),
  );
}

/** The pairs that one more round could decide. A removed pair stays out, because only rounds that both have count. */
export function undecided(all: readonly Costs[]): Set<Costs> {
  const wide = pairsOf(all).filter(([of, over]) => {
    const ratio = ratioOf(of, over);
    return ratio !== undefined && width(ratio) > NARROW;
  });
  return new Set(wide.flat());
}
