import type { Implementation } from "./implementation.ts";

/** The implementations that the targets of `@pipe512/rxjs` compare: two ways to pass the chunks of a pipe to an asynchronous consumer. */
export const rxjsImplementations: readonly Implementation[] = [
  {
    name: "RxJS readEach",
    role: "yardstick",
    about: "@pipe512/rxjs, readEach(reader, consume), the next chunk when the last one is done with",
    load: async () => (await import("./rxjs-read-each.ts")).open,
  },
  {
    name: "RxJS concatMap",
    role: "yardstick",
    about: "from(reader).pipe(concatMap(consume)), which keeps what has come",
    load: async () => (await import("./rxjs-concat-map.ts")).open,
  },
];
