// Nobody but Chromium can be told to collect garbage. It would be collected in the middle of a test that has let go of one end
// of a pipe and goes on with the other, which then is told of the loss. So in pages nothing is found lost; that is tested in Node,
// and in a worker of Chromium.
globalThis.FinalizationRegistry = class {
  readonly [Symbol.toStringTag] = "FinalizationRegistry";
  register(): void {}
  unregister(): boolean {
    return false;
  }
};

// Chromium could be told, for the tests of workers. Here the tests would wait for news of what nobody finds.
Reflect.set(globalThis, "gc", undefined); // It cannot be deleted.
