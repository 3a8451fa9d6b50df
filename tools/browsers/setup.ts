// Nobody can tell a page to collect garbage. It would be collected in the middle of a test that has let go of one end
// of a pipe and goes on with the other, which then is told of the loss. So here nothing is found lost; in Node it is tested.
globalThis.FinalizationRegistry = class {
  readonly [Symbol.toStringTag] = "FinalizationRegistry";
  register(): void {}
  unregister(): boolean {
    return false;
  }
};
