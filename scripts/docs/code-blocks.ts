// The programs of a page: what stands in it as ```ts, and what the page says it prints.

/** A code block that is a whole program. */
export interface Program {
  /** The page, from the root of the repository. */
  readonly page: string;
  /** The line of the page on which the block begins. */
  readonly line: number;
  readonly code: string;
  /** What the page says that it prints: the ```text block behind it. `undefined` where the page has none. */
  readonly prints: string | undefined;
  /** Whether it is only type-checked: above the block stands `<!-- not rehearsed: REASON -->`. */
  readonly isStatic: boolean;
}

const BLOCK = /^```(\S+)\n(.*?)^```$/gms;
const NOT_RUN = /<!-- not rehearsed: [^>]+ -->\s*$/;

/**
 * The programs of a page. A block of TypeScript is a program; a block of text right behind it, with nothing but blank lines in
 * between, is what it prints.
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
