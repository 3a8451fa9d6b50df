import { servePage } from "./server.ts";

(await servePage()).printUrls();
