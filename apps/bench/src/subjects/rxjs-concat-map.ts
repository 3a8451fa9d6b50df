import { concatMap, from } from "rxjs";
import { consumer } from "./rxjs-consumer.ts";

/** RxJS's own operators: from() pulls at full speed, and concatMap queues the chunks until the consumer is ready. */
export const open = consumer((reader, step) => from(reader).pipe(concatMap(step)));
