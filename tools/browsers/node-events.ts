// The part of `node:events` that the tests use, for pages. A browser does not list the listeners of a signal, so this file
// records what is added to any signal and removed from it. A listener that is called once removes itself.

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

/** The listeners of a signal. All of them listen to its only event. */
export function getEventListeners(signal: AbortSignal): unknown[] {
  return [...(added.get(signal) ?? [])];
}
