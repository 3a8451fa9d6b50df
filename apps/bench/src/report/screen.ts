import { styleText } from "node:util";

/** Where a report is shown: how wide it may be, and whether in colour. */
export interface Screen {
  /** Columns; without an end where nobody looks at it on a terminal. */
  readonly width: number;
  paint(colour: "green" | "yellow" | "red" | "dim" | "bold", text: string): string;
}

/** A stream as it is. Node itself knows of NO_COLOR and of terminals without colours. */
export function screenOf(stream: NodeJS.WriteStream): Screen {
  const coloured = stream.isTTY && stream.hasColors();
  return {
    width: stream.isTTY ? stream.columns : Number.POSITIVE_INFINITY,
    paint: (colour, text) => (coloured ? styleText(colour, text) : text),
  };
}
