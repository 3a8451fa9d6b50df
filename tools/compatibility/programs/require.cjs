const { roundTrips } = require("./round-trips.cjs");
const core = require("@pipe512/core");
const node = require("@pipe512/node");
const rxjs = require("@pipe512/rxjs");
const web = require("@pipe512/web");

void roundTrips({ core, node, rxjs, web }).then((count) => console.log(count, "round trips"));
