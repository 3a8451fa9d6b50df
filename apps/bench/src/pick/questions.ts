// The questions behind "Which one for me". advice.ts has the advice for the answers. The terminal, the report and the page
// use these two files, which depend on none of them.

/** A question with its answers. The name is that of its option on the command line. */
export interface Question {
  readonly name: keyof Answers;
  readonly ask: string;
  readonly choices: readonly Choice[];
}

interface Choice {
  readonly value: string;
  readonly label: string;
  readonly hint?: string;
}

const sources = [
  {
    value: "code",
    label: "My own code that writes",
    hint: "it makes bytes, and calls a function for each chunk",
  },
  { value: "iterable", label: "An async iterable or a generator", hint: "I can loop over it" },
  { value: "node", label: "A Node stream", hint: "file, socket, HTTP, gzip" },
  { value: "web", label: "A Web stream", hint: "fetch, Blob, CompressionStream" },
  { value: "observable", label: "An Observable", hint: "RxJS" },
  { value: "thread", label: "Another thread", hint: "a worker makes the bytes" },
  { value: "process", label: "A subprocess", hint: "what it prints" },
  { value: "messages", label: "Messages", hint: "objects, not a stream of bytes" },
] as const satisfies readonly Choice[];

const sinks = [
  { value: "code", label: "My own code that reads", hint: "as much as it wants, when it wants" },
  { value: "node", label: "A Node stream", hint: "for pipeline(), HTTP, a file" },
  { value: "web", label: "A Web stream", hint: "for a Response, pipeThrough()" },
  { value: "observable", label: "An Observable", hint: "RxJS, a step for each chunk" },
  { value: "thread", label: "Another thread", hint: "a worker reads the bytes" },
  { value: "whole", label: "All of it at once", hint: "to parse it, say" },
] as const satisfies readonly Choice[];

const chunks = [
  { value: "64", label: "64 bytes", hint: "lines, events, small messages" },
  { value: "512", label: "512 bytes" },
  { value: "4096", label: "4 KiB" },
  { value: "65536", label: "64 KiB", hint: "files, sockets" },
] as const satisfies readonly Choice[];

const readers = [
  { value: "fast", label: "As fast as the writer" },
  { value: "slow", label: "Slower: it waits for something after each chunk" },
] as const satisfies readonly Choice[];

export type Have = (typeof sources)[number]["value"];
export type Need = (typeof sinks)[number]["value"];

export interface Answers {
  readonly have: Have;
  readonly need: Need;
  /** Bytes. */
  readonly chunk: (typeof chunks)[number]["value"];
  readonly reader: (typeof readers)[number]["value"];
}

export const questions: readonly Question[] = [
  { name: "have", ask: "What do you have?", choices: sources },
  { name: "need", ask: "What do you need?", choices: sinks },
  { name: "chunk", ask: "How large are the chunks, about?", choices: chunks },
  { name: "reader", ask: "How fast is the reader?", choices: readers },
];
