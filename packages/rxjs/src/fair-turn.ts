import { pipe } from "@pipe512/core";

const { writer } = pipe();
const NOTHING = new Uint8Array(0);

/**
 * Draws one operation from the budget by which all pipes together let timers and I/O have their turn: it resolves in a
 * later turn of the event loop where the budget is used up, and else at once. Even a write of nothing is an operation.
 */
export function fairTurn(): Promise<unknown> {
  return writer.write(NOTHING);
}
