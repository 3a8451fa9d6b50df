import { concatMap, from } from "rxjs";
import { consumer } from "./rxjs-consumer.ts";

/** What RxJS itself offers: from() takes all that comes, and concatMap keeps it until the consumer has time. */
export const open = consumer((reader, step) => from(reader).pipe(concatMap(step)));
