/** Whether the engine has byte streams. WebKitGTK 2.50 has none. */
export const hasByteStreams: boolean = ((): boolean => {
  try {
    return new ReadableStream({ type: "bytes" }).getReader({ mode: "byob" }) !== undefined;
  } catch {
    return false;
  }
})();
