import { everything, type Target } from "@pipe512/conformance";
import { pipe } from "@pipe512/core";

/** The pipe itself needs no wrapping: its ends are a Reader and a Writer. */
export const target: Target = { name: "pipe", create: () => pipe(), supports: everything };
