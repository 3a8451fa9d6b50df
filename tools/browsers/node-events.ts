// What the tests use of `node:events`, for pages: no browser tells which listeners a signal has, so what is added to
// any and removed from it is watched. A listener that is called once goes by itself.

type Add = (type: string, listener: unknown, options?: { readonly once?: boolean }) => void;
type Remove = (type: string, listener: unknown, options?: unknown) => void;

const added = new WeakMap<object, Set<unknown>>();
const prototype = AbortSignal.prototype as { addEventListener: Add; removeEventListener: Remove };
const add = Reflect.get(prototype, "addEventListener");
const remove = Reflect.get(prototype, "removeEventListener");

prototype.addEventListener = function (type, listener, options) {
  add.call(this, type, listener, options);
  const listeners = added.get(this) ?? new Set();
  added.set(this, listeners.add(listener));
  if (options?.once === true) add.call(this, type, () => listeners.delete(listener), { once: true });
};

prototype.removeEventListener = function (type, listener, options) {
  remove.call(this, type, listener, options);
  added.get(this)?.delete(listener);
};

/** The listeners of a signal, all of them for its one event. */
export function getEventListeners(signal: AbortSignal): unknown[] {
  return [...(added.get(signal) ?? [])];
}
