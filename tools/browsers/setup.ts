// Only Chromium can collect garbage on request. In a page, the collector could run in the middle of a test that dropped one
// end of a pipe and continues with the other. The pipe would then report a collected end. So pages report none. Node and
// a worker of Chromium test that.
globalThis.FinalizationRegistry = class {
  readonly [Symbol.toStringTag] = "FinalizationRegistry";
  register(): void {}
  unregister(): boolean {
    return false;
  }
};

// Chromium has `gc` for the tests of workers. Here, tests would wait for a report that never comes.
Reflect.set(globalThis, "gc", undefined); // It cannot be deleted.
