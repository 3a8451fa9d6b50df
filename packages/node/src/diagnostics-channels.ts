import { type Channel, channel } from "node:diagnostics_channel";
import { type Watch, type WatchOptions, watch } from "@pipe512/core/diagnostics";

/** What the channels carry is what the listeners of `watch()` get. */
const channels = {
  open: channel("pipe512:open"),
  close: channel("pipe512:close"),
  stall: channel("pipe512:stall"),
  leak: channel("pipe512:leak"),
};

/**
 * Publishes what becomes of pipes on Node's diagnostics channels, for those who observe a program from outside: `pipe512:open` and
 * `pipe512:close` with a `PipeReport`, `pipe512:stall` with a `StallReport`, `pipe512:leak` with a `LeakReport`, all of
 * `@pipe512/core/diagnostics`. It sees the pipes that are made from now on.
 *
 * @throws {TypeError} If `stallAfterMs` is no number.
 * @throws {RangeError} If `stallAfterMs` is not between 1 and 2,147,483,647.
 */
export function publishDiagnostics(options: Pick<WatchOptions, "stallAfterMs"> = {}): Watch {
  return watch({
    stallAfterMs: options.stallAfterMs,
    onOpen: publisher(channels.open),
    onClose: publisher(channels.close),
    onStall: publisher(channels.stall),
    onLeak: publisher(channels.leak),
  });
}

function publisher(on: Channel): (report: object) => void {
  return (report) => on.publish(report);
}
