// A thread that stays idle for ever. It holds an end if it receives the handle of a writer.

import { attachWriter } from "@pipe512/core/shared";

globalThis.onmessage = ({ data }) => {
  attachWriter(data);
  postMessage("attached");
};

setInterval(() => {}, 1000);
