import { snapshot, watch } from "@pipe512/core/diagnostics";
import { expectWhole, sequence } from "@pipe512/testing/bytes";
import { settle } from "@pipe512/testing/turns";
import { pipeStream } from "@pipe512/web";
import { expect, onTestFinished, test } from "vitest";

for (const byob of [true, false]) {
  // Red when: a chunk bypasses a watched pipe.
  test(`diagnostics report a pending read of pipeStream({ byob: ${byob} }), and count each byte`, async () => {
    const watching = watch();
    onTestFinished(() => watching.stop());
    const { readable, writable } = pipeStream({ byob });
    const [consumer, sink] = [readable.getReader(), writable.getWriter()];
    const reading = consumer.read();
    await settle();
    expect(snapshot()).toMatchObject([{ waiting: [{ operation: "readChunk" }] }]);
    await sink.write(sequence(100));
    expectWhole((await reading).value ?? new Uint8Array(), 100);
    expect(snapshot()).toMatchObject([{ bytesWritten: 100, bytesRead: 100, waiting: [] }]);
    await sink.close();
  });
}
