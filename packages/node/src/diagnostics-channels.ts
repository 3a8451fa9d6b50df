import { type Channel, channel } from "node:diagnostics_channel";
import { type Watch, type WatchOptions, watch } from "@pipe512/core/diagnostics";

/** The channels publish the same reports that the listeners of `watch()` get. */
const channels = {
  open: channel("pipe512:open"),
  close: channel("pipe512:close"),
  stall: channel("pipe512:stall"),
  leak: channel("pipe512:leak"),
};

/**
 * Publishes events of pipes on Node's diagnostics channels, for monitoring tools. `pipe512:open` and `pipe512:close`
 * carry a `PipeReport`, `pipe512:stall` a `StallReport`, and `pipe512:leak` a `LeakReport`, all of
 * `@pipe512/core/diagnostics`. Only pipes made after the call are reported.
 *
 * @throws {TypeError} If `stallAfterMs` is not a number.
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
