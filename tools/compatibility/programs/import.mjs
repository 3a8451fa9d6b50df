import * as core from "@pipe512/core";
import * as node from "@pipe512/node";
import * as rxjs from "@pipe512/rxjs";
import * as web from "@pipe512/web";
import { roundTrips } from "./round-trips.cjs";

console.log(await roundTrips({ core, node, rxjs, web }), "round trips");
