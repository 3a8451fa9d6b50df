// Sends bytes through every package, in any runtime, module system and test runner, and checks the bytes that arrive.
const SIZES = [0, 1, 511, 512, 513, 1024, 1033];
const sequence = (length) => Uint8Array.from({ length }, (_, index) => Math.imul(index, 0x9e3779b1) >>> 24);

/** Fails unless `reader` delivers the first `size` bytes of the sequence and nothing else. */
async function expectSequence({ readAll }, name, reader, size) {
  const bytes = await readAll(reader);
  const expected = sequence(size);
  const isEqual = bytes.length === size && expected.every((byte, index) => bytes[index] === byte);
  if (!isEqual) throw new Error(`${name}: ${bytes.length} of ${size} bytes came back, or others`);
}

/** Resolves with the number of successful round trips. Rejects at the first failure. */
exports.roundTrips = async ({ core, node, web, rxjs }) => {
  let count = 0;
  const ways = {
    core: (reader) => reader,
    node: node && ((reader) => node.fromReadable(node.toReadable(reader))),
    web: web && ((reader) => web.fromReadableStream(web.toReadableStream(reader))),
    rxjs: rxjs && ((reader) => rxjs.fromObservable(rxjs.toObservable(reader))),
  };
  for (const [name, convert] of Object.entries(ways)) {
    if (convert === undefined) continue;
    for (const size of SIZES) {
      const source = core.readerFrom((writer) => writer.write(sequence(size)));
      await expectSequence(core, name, convert(source), size);
      count += 1;
    }
  }
  const { reader, writer } = core.pipe();
  reader.close();
  const error = await writer.write(sequence(1)).then(
    () => undefined,
    (reason) => reason,
  );
  if (error?.code !== "ERR_CLOSED_PIPE") throw new Error(`A write to a closed pipe gave ${error}`);
  return count;
};
