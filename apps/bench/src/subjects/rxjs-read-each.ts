import { readEach } from "@pipe512/rxjs";
import { consumer } from "./rxjs-consumer.ts";

/** Each chunk waits in the pipe until the consumer has finished with the previous one. */
export const open = consumer((reader, step) => readEach(reader, step));
