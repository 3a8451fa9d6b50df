import { readEach } from "@pipe512/rxjs";
import { consumer } from "./rxjs-consumer.ts";

/** Each chunk waits in the pipe until the consumer is done with the one before. */
export const open = consumer((reader, step) => readEach(reader, step));
