import type { Request } from "./protocol.ts";

/** A process or a page that measures one implementation in one scenario. It answers one request at a time. */
export interface Measurer {
  /**
   * Sends a request and resolves with the measurement.
   *
   * @throws {ImplementationFailure} If the measurement failed.
   */
  ask<Sample extends object>(request: Request, timeLimitMs: number): Promise<Sample>;
  /** Ends it and waits until it has ended. */
  end(): Promise<void>;
}

/** An implementation threw, lost bytes, crashed or did not reply. It is excluded; the others continue. */
export class ImplementationFailure extends Error {
  override readonly name = "ImplementationFailure";
  readonly kind: FailureKind;

  constructor(kind: FailureKind, message: string) {
    super(message);
    this.kind = kind;
  }
}

/** The failure of an implementation, in a word that fits into a cell. */
export type FailureKind = "takes no part" | "hangs" | "crashes" | "loses bytes" | "fails";

/**
 * Resolves with a reply.
 *
 * @throws {ImplementationFailure} If the reply is an error, or does not come in time.
 */
export async function replyWithin(timeLimitMs: number, reply: Promise<object>): Promise<object> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new ImplementationFailure("hangs", `No answer within ${timeLimitMs / 1000} s`));
    }, timeLimitMs);
  });
  try {
    const replied = await Promise.race([reply, late]);
    if ("error" in replied) throw failureOf(String(replied.error));
    return replied;
  } finally {
    clearTimeout(timer);
  }
}

/** The scenarios and the Go implementation use these words in their messages. */
function failureOf(message: string): ImplementationFailure {
  if (message.startsWith("It takes no part") || message.includes("does not know the scenario"))
    return new ImplementationFailure("takes no part", message);
  if (message.startsWith("Delivered ")) return new ImplementationFailure("loses bytes", message);
  return new ImplementationFailure("fails", message);
}
