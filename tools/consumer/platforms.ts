// The same for the adapters, with the platforms that they adapt to.
export * as nats from "@pipe512/nats";
export * as node from "@pipe512/node";
export * as rxjs from "@pipe512/rxjs";
export * as web from "@pipe512/web";
