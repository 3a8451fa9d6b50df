/** Sizes at which pipes go wrong, and any up to 2,000. */
const SIZES = [0, 1, 100, 511, 512, 513, 700, 1024, 1033, 2000];

type Draw = (below: number) => number;

const size = (draw: Draw): number => (draw(2) === 0 ? draw(2001) : (SIZES[draw(SIZES.length)] as number));

/** A random script for the pipe: each step is a letter, a number and, for a call that reports its progress, a `p`. */
export function pipeScript(draw: Draw): string {
  const steps: string[] = [];
  let calls = 0;
  for (let left = draw(24) + 2; left > 0; left--) {
    const kind = draw(40);
    const progress = draw(3) === 0 ? "p" : "";
    if (kind < 10) steps.push(`w${size(draw)}${progress}`);
    else if (kind < 20) steps.push(`r${size(draw)}${progress}`);
    else if (kind < 23) steps.push(`t${size(draw)}`);
    else if (kind < 26) steps.push(`y${size(draw)}`);
    else if (kind < 30) steps.push(`f${progress}`);
    else if (kind < 35) steps.push(`a${draw(calls + 1)}`);
    else if (kind < 36) steps.push("x");
    else steps.push(draw(2) === 0 ? (["c", "C"][draw(2)] as string) : `${["e", "E"][draw(2)]}${draw(9)}`);
    if (kind < 30) calls += 1;
  }
  return steps.join(" ");
}

/** A random script for Go's own `io.Pipe`: one write and one read in flight at a time, and closes where no write is in flight. */
export function standardScript(draw: Draw): string {
  const steps: string[] = ["go"];
  let unread = 0;
  let wanted = 0;
  let isClosed = false;
  for (let left = draw(24) + 2; left > 0; left--) {
    const kind = draw(20);
    const bytes = 1 + size(draw);
    if (kind < 9 && unread === 0) {
      steps.push(`w${bytes}`);
      unread = isClosed ? 0 : bytes;
    } else if (kind < 18 && wanted === 0) {
      steps.push(`r${bytes}`);
      wanted = isClosed ? 0 : bytes;
    } else if (kind >= 18) {
      // Where a write is in flight, only the reader closes: `close()` of a writer lets it go on here, and fails it in Go.
      const letters = unread > 0 ? ["C", "E"] : ["c", "e", "C", "E"];
      steps.push(`${letters[draw(letters.length)]}${draw(9)}`);
      isClosed = true;
      unread = wanted = 0;
    }
    if (unread > 0 && wanted > 0) {
      unread = Math.max(unread - wanted, 0);
      wanted = 0;
    }
  }
  return steps.join(" ");
}
