import { resolve } from "node:path";

/** The folder with the users' tools. */
export const TOOLS = resolve("tools/compatibility/node_modules");
