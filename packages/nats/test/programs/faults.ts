// Injects every fault ROUNDS times, and prints after each how often the bytes read were the bytes written:
// node --conditions=@pipe512/source faults.ts [ROUNDS] [SEED]. The same seed repeats the same mixtures.
import {
  lostReader,
  lostWriter,
  leavingReader,
  leavingWriter,
  twoReaders,
  twoWriters,
} from "../faults/ends.ts";
import { killed, stoppedReader } from "../faults/killed-programs.ts";
import { mixture } from "../faults/mixture.ts";
import { cuts, latePublishes, latePublishesOfDead, lostAnswers, lostAnswerToEnd } from "../faults/network.ts";
import { killedServer, rolledBack, stoppedServer } from "../faults/server.ts";
import { type Machines, withMachines } from "../support/machines.ts";
import { random } from "../support/random.ts";

const rounds = Number(process.argv[2] ?? 1);
const seed = Number(process.argv[3] ?? Date.now() % 2 ** 31);
const below = random(seed);
console.log(`seed ${seed}`);

const faults: Record<string, (machines: Machines) => Promise<unknown>> = {
  "reader killed -9 three times, manual": (machines) => killed(machines, ["reader"], "manual"),
  "reader killed -9 three times, auto": (machines) => killed(machines, ["reader"], "auto"),
  "writer killed -9 three times": (machines) => killed(machines, ["writer"], "manual"),
  "server killed -9 three times": (machines) => killed(machines, ["server"], "manual"),
  "server and reader killed -9 three times": (machines) => killed(machines, ["server", "reader"], "manual"),
  "server and writer killed -9 three times": (machines) => killed(machines, ["server", "writer"], "manual"),
  "reader and writer killed -9 three times": (machines) => killed(machines, ["reader", "writer"], "manual"),
  "server killed -9 three times, both ends alive": killedServer,
  "server stopped for 5 s": stoppedServer,
  "reader stopped past its lease": stoppedReader,
  "connections cut eight times": cuts,
  "answers to the writer lost": (machines) => lostAnswers(machines, "writing"),
  "answers to the reader lost": (machines) => lostAnswers(machines, "reading"),
  "answer to the end lost": lostAnswerToEnd,
  "publishes late, after a reconnect": latePublishes,
  "publishes late, of a writer that was replaced": latePublishesOfDead,
  "two writers": twoWriters,
  "two readers": twoReaders,
  "store rolled back by 150 to 400 ms": rolledBack,
  "writer lost for good": lostWriter,
  "reader lost for good": lostReader,
  "writer: close() in the middle": (machines) => leavingWriter(machines, "close"),
  "writer: closeWithError() in the middle": (machines) => leavingWriter(machines, "closeWithError"),
  "reader: close() in the middle": (machines) => leavingReader(machines, "close"),
  "reader: closeWithError() in the middle": (machines) => leavingReader(machines, "closeWithError"),
  "a random mixture": (machines) => mixture(machines, below),
};

let failures = 0;
for (const [name, inject] of Object.entries(faults)) {
  let passed = 0;
  const times = name === "a random mixture" ? rounds * 20 : rounds;
  for (let round = 0; round < times; round++) {
    try {
      await withMachines(async (machines) => void (await inject(machines)));
      passed += 1;
    } catch (error) {
      failures += 1;
      console.error(`${name}, round ${round + 1}:`, error);
    }
  }
  console.log(`${name}: ${passed} of ${times}`);
}
process.exitCode = failures === 0 ? 0 : 1;
