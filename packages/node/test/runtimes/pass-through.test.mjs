// pipeDuplex() and duplexPair() in the place of Node's own PassThrough and duplexPair(), which say what is expected.
import assert from "node:assert/strict";
import * as stream from "node:stream";
import { describe, test } from "node:test";
import { duplexPair, pipeDuplex } from "@pipe512/node";
import { pairScenes, scenes } from "./scenes.mjs";

/** Node's pair passes a destroy() on since Node 24. What came before is not the model. */
const model =
  stream.duplexPair !== undefined && Object.hasOwn(Object.getPrototypeOf(stream.duplexPair()[0]), "_destroy")
    ? stream.duplexPair
    : undefined;

describe("pipeDuplex() in the place of a PassThrough", () => {
  for (const [name, play] of Object.entries(scenes)) {
    // Bun destroys a stream that wraps another when that closes, although there is something left to be read.
    test(name, { skip: process.versions.bun !== undefined && name === "Readable.wrap() of it" }, async () => {
      const expected = await play((options) => new stream.PassThrough(options));
      assert.deepEqual(await play(pipeDuplex), expected);
    });
  }
});

describe("duplexPair() in the place of Node's own", () => {
  for (const [name, play] of Object.entries(pairScenes)) {
    test(name, {
      skip: model === undefined && "this Node has no pair that passes a destroy() on",
    }, async () => {
      assert.deepEqual(await play(duplexPair), await play(model));
    });
  }
});
