import { styleText } from "node:util";

/** Where a report is shown: its maximum width, and whether it has colours. */
export interface Screen {
  /** Columns; infinite if the output is not a terminal. */
  readonly width: number;
  paint(colour: "green" | "yellow" | "red" | "dim" | "bold", text: string): string;
}

/** The screen of a stream. Node itself handles NO_COLOR and terminals without colours. */
export function screenOf(stream: NodeJS.WriteStream): Screen {
  const coloured = stream.isTTY && stream.hasColors();
  return {
    width: stream.isTTY ? stream.columns : Number.POSITIVE_INFINITY,
    paint: (colour, text) => (coloured ? styleText(colour, text) : text),
  };
}

/** Text in lines of at most this many columns, broken between words. The second and later lines are indented. */
export function wrapped(text: string, width: number, indent = ""): string {
  const lines: string[] = [];
  const [first = "", ...words] = text.split(/(?<=\S) /);
  let line = first;
  for (const word of words) {
    if (line.length + 1 + word.length <= width) {
      line += ` ${word}`;
      continue;
    }
    lines.push(line);
    line = indent + word;
  }
  return [...lines, line].join("\n");
}
