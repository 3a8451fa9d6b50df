import { resolve } from "node:path";

/** Where the tools of the users are installed. */
export const TOOLS = resolve("tools/compatibility/node_modules");
