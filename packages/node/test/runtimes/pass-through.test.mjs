// pipeDuplex() and duplexPair() in place of Node's own PassThrough and duplexPair(), which give the expected results.
import assert from "node:assert/strict";
import * as stream from "node:stream";
import { describe, test } from "node:test";
import { duplexPair, pipeDuplex } from "@pipe512/node";
import { pairScenes, scenes } from "./scenes.mjs";

/** Node's pair passes on a destroy() since Node 24. Older versions are not compared. */
const model =
  stream.duplexPair !== undefined && Object.hasOwn(Object.getPrototypeOf(stream.duplexPair()[0]), "_destroy")
    ? stream.duplexPair
    : undefined;

describe("pipeDuplex() in place of a PassThrough", () => {
  for (const [name, play] of Object.entries(scenes)) {
    // Bun destroys a wrapping stream when the wrapped one closes, although unread bytes are left.
    test(name, { skip: process.versions.bun !== undefined && name === "Readable.wrap() of it" }, async () => {
      const expected = await play((options) => new stream.PassThrough(options));
      assert.deepEqual(await play(pipeDuplex), expected);
    });
  }
});

describe("duplexPair() in place of Node's own", () => {
  for (const [name, play] of Object.entries(pairScenes)) {
    test(name, {
      skip: model === undefined && "the pair of this Node does not pass on a destroy()",
    }, async () => {
      assert.deepEqual(await play(duplexPair), await play(model));
    });
  }
});
