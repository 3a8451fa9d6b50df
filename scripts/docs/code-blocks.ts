// The programs of a page: its ```ts blocks, and the output that the page shows for each.

/** A code block that is a complete program. */
export interface Program {
  /** The path of the page from the root of the repository. */
  readonly page: string;
  /** The line of the page where the block begins. */
  readonly line: number;
  readonly code: string;
  /** The output on the page: the ```text block after the program. `undefined` if there is none. */
  readonly prints: string | undefined;
  /** Whether it is only type-checked, because `<!-- not rehearsed: REASON -->` stands above the block. */
  readonly isStatic: boolean;
}

const BLOCK = /^```(\S+)\n(.*?)^```$/gms;
const NOT_RUN = /<!-- not rehearsed: [^>]+ -->\s*$/;

/**
 * The programs of a page. A block of TypeScript is a program. If a block of text follows it with only blank lines in
 * between, that block is its output.
 */
export function programsOf(page: string, markdown: string): Program[] {
  const programs: Program[] = [];
  let previous: { end: number; program: Program } | undefined;
  for (const match of markdown.matchAll(BLOCK)) {
    const [whole, language, code = ""] = match;
    const { index } = match;
    if (language === "ts") {
      const line = markdown.slice(0, index).split("\n").length;
      const isStatic = NOT_RUN.test(markdown.slice(0, index));
      const program: Program = { page, line, code, prints: undefined, isStatic };
      programs.push(program);
      previous = { end: index + whole.length, program };
    } else if (
      language === "text" &&
      previous !== undefined &&
      markdown.slice(previous.end, index).trim() === ""
    ) {
      programs[programs.length - 1] = { ...previous.program, prints: code };
      previous = undefined;
    } else {
      previous = undefined;
    }
  }
  return programs;
}
