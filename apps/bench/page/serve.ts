import { servePage } from "./server.ts";

const { resolvedUrls } = await servePage();
process.stdout.write(`The page: ${resolvedUrls?.local[0]}  (Ctrl-C ends it)\n`);
