// `node --import @pipe512/node/report-deadlocks app.js` runs this before the program.
import { reportDeadlocks } from "./report-deadlocks.ts";

reportDeadlocks();
