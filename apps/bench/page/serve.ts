import { PageServer } from "./server.ts";

const server = await PageServer.start();
process.stdout.write(`The page: ${server.url}  (Ctrl-C ends it)\n`);
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.once(signal, () => void server.close());
}
