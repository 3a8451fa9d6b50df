// The adapters use another copy of the core than the program does. Both copies must work together.
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import * as ours from "core-again";
import { snapshot, watch } from "core-again/diagnostics";
import * as theirs from "@pipe512/core";
import * as node from "@pipe512/node";
import * as rxjs from "@pipe512/rxjs";
import * as web from "@pipe512/web";
import { roundTrips } from "./round-trips.cjs";

assert.notEqual(ours.pipe, theirs.pipe);

// Ends of one copy in the adapters and helpers of the other copy.
await roundTrips({ core: ours, node, rxjs, web });
const bytes = randomBytes(1033);
const { reader, writer } = ours.pipe();
const source = theirs.readerFrom((end) => end.write(bytes));
const copied = theirs.copy(source, writer).then(() => writer.close());
assert.deepEqual(Buffer.from(await theirs.readAll(reader)), bytes);
await copied;

// An error of one copy crosses the other as the same object, and is recognised by its code.
const first = theirs.pipe();
first.reader.close();
const error = await first.writer.write(bytes).catch((reason) => reason);
assert.equal(error.code, "ERR_CLOSED_PIPE");
assert.equal(error instanceof ours.ClosedPipeError, false);
const second = ours.pipe();
second.writer.closeWithError(error);
assert.equal(await second.reader.read(new Uint8Array(1)).catch((reason) => reason), error);

// Diagnostics of one copy report the pipes of both copies.
const watching = watch();
const pipes = [ours.pipe({ name: "ours" }), theirs.pipe({ name: "theirs" })];
assert.deepEqual(new Set(snapshot().map(({ name }) => name)), new Set(["ours", "theirs"]));
for (const { writer: end } of pipes) end.close();
watching.stop();
console.log("two copies");
