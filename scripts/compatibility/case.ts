/** One environment of a user, and how to try it. */
export interface Case {
  readonly group: string;
  readonly name: string;
  /** The known error, if it is known not to work. It is then a problem if it works. */
  readonly fails?: RegExp;
  /** Rejects if it does not work. */
  run(): Promise<unknown>;
}

export interface Outcome {
  readonly tried: Case;
  readonly works: boolean;
  /** How the outcome differs from the expected one. */
  readonly problem: string | undefined;
}

export async function attempt(tried: Case): Promise<Outcome> {
  let failure: string | undefined;
  try {
    await tried.run();
  } catch (error) {
    failure = error instanceof Error ? error.message : String(error);
  }
  const works = failure === undefined;
  const { fails } = tried;
  if (fails === undefined) return { tried, works, problem: failure };
  if (failure === undefined) return { tried, works, problem: "works, but is expected to fail" };
  return { tried, works, problem: fails.test(failure) ? undefined : failure };
}

/** Runs all cases, `parallel` at a time, and returns the outcomes in the order of the cases. */
export async function attemptAll(cases: readonly Case[], parallel: number): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  const queue = cases.entries();
  const worker = async (): Promise<void> => {
    for (const [index, tried] of queue) outcomes[index] = await attempt(tried);
  };
  await Promise.all(Array.from({ length: parallel }, worker));
  return outcomes;
}
