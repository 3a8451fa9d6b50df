// For Jest and for vitest, which both have `test` and `expect` as globals here.
import * as core from "@pipe512/core";
import * as node from "@pipe512/node";
import * as rxjs from "@pipe512/rxjs";
import * as web from "@pipe512/web";
import { roundTrips } from "./round-trips.cjs";

test("bytes go through every package", async () => {
  expect(await roundTrips({ core, node, rxjs, web })).toBe(28);
});
