// A thread that does nothing, for ever, with an end if it is sent the handle of a writer.

import { attachWriter } from "@pipe512/core/shared";

globalThis.onmessage = ({ data }) => {
  attachWriter(data);
  postMessage("attached");
};

setInterval(() => {}, 1000);
