import { styleText } from "node:util";

/** Where a report is shown: how wide it may be, and whether in colour. */
export interface Screen {
  /** Columns; infinite where the output is not a terminal. */
  readonly width: number;
  paint(colour: "green" | "yellow" | "red" | "dim" | "bold", text: string): string;
}

/** A stream as it is. Node itself reads NO_COLOR and knows terminals without colours. */
export function screenOf(stream: NodeJS.WriteStream): Screen {
  const coloured = stream.isTTY && stream.hasColors();
  return {
    width: stream.isTTY ? stream.columns : Number.POSITIVE_INFINITY,
    paint: (colour, text) => (coloured ? styleText(colour, text) : text),
  };
}

/** Text in lines of at most so many columns, broken between words; the second and later lines are indented. */
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
