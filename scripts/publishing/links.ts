// Checks the links of Markdown files without a network. A link into this repository, relative or by its address, must lead
// to an existing file and headline.
import { existsSync, readFileSync, statSync } from "node:fs";
import { posix } from "node:path";

export interface Link {
  readonly line: number;
  readonly target: string;
}

const BRANCH = "main";

// Code contains no links. Each code block is replaced by its line feeds, so that the other lines keep their numbers.
const CODE =
  /^(`{3,}|~{3,})[^\n]*\n[^]*?^\1[^\n]*$|^ {4}[^\n]*$|(`+)(?!`)[^`][^]*?(?<!`)\2(?!`)|<!--[^]*?-->/gm;
const LINK =
  /\]\(\s*<?([^)\s>]*)>?(?:\s+"[^"]*")?\s*\)|^\[[^\]]+\]:\s*<?(\S+?)>?(?:\s|$)|<(https?:[^>\s]+)>|(?:href|src)="([^"]*)"/gm;

/** The links of a Markdown text, in order. */
export function linksIn(text: string): Link[] {
  const prose = text.replace(CODE, (code) => "\n".repeat(code.split("\n").length - 1));
  return Array.from(prose.matchAll(LINK), (match) => ({
    line: prose.slice(0, match.index).split("\n").length,
    target: match.slice(1).find((target) => target !== undefined) ?? "",
  }));
}

/** The problems of the links in `file`, a path from the root. A `published` file must not have relative links to other files. */
export function linkProblems(file: string, address: string, published: boolean, root = "."): string[] {
  return linksIn(readFileSync(`${root}/${file}`, "utf8")).flatMap(({ line, target }) => {
    const problem = problemOf(target);
    return problem === undefined ? [] : [`${file}:${line}: ${target || "an empty link"} ${problem}`];
  });

  function problemOf(target: string): string | undefined {
    if (target === "") return "leads nowhere";
    if (target.startsWith("mailto:")) return undefined;
    const own = pathInRepository(target, address);
    if (own !== undefined) return destinationProblem(own);
    if (/^[a-z]+:/i.test(target)) {
      if (!target.startsWith("https://")) return "is not https";
      return URL.canParse(target) ? undefined : "is not a valid address";
    }
    if (target.startsWith("#")) return destinationProblem(file + target);
    if (published)
      return "is relative, which does not work in the registry; run npm run manifests -- --write";
    return destinationProblem(posix.join(posix.dirname(file), target));
  }

  function destinationProblem(destination: string): string | undefined {
    const [path = "", anchor] = destination.split("#");
    if (!existsSync(`${root}/${path}`)) return `leads to ${path}, which does not exist`;
    if (anchor === undefined || anchor === "readme" || /^L\d+/.test(anchor)) return undefined;
    const page = statSync(`${root}/${path}`).isDirectory() ? posix.join(path, "README.md") : path;
    const known =
      existsSync(`${root}/${page}`) && anchors(readFileSync(`${root}/${page}`, "utf8")).has(anchor);
    return known ? undefined : `leads to a headline that is missing in ${page}`;
  }
}

/** The path in the repository for an address in it, such as `docs/contract.md#node`; `undefined` for another address. */
function pathInRepository(target: string, address: string): string | undefined {
  for (const kind of ["blob", "tree"]) {
    const prefix = `${address}/${kind}/${BRANCH}/`;
    if (target.startsWith(prefix)) return decodeURI(target.slice(prefix.length));
  }
  return undefined;
}

/** The anchors of a Markdown text, as the forge generates them. */
export function anchors(text: string): Set<string> {
  const found = new Set<string>();
  const withoutFences = text.replace(/^(`{3,}|~{3,})[^\n]*\n[^]*?^\1[^\n]*$/gm, "");
  for (const [, headline = ""] of withoutFences.matchAll(/^#{1,6} +(.*?) *#*$/gm)) {
    const slug = headline
      .replace(/\[([^\]]*)\]\([^)]*\)/g, "$1")
      .toLowerCase()
      .replace(/[^\p{L}\p{M}\p{N}\p{Pc}\- ]/gu, "")
      .replaceAll(" ", "-");
    let name = slug;
    for (let count = 1; found.has(name); count++) name = `${slug}-${count}`;
    found.add(name);
  }
  for (const [, name = ""] of text.matchAll(/<a (?:id|name)="([^"]+)"/g)) found.add(name);
  return found;
}

/** The text of `file`, in which relative links and links to the repository's former address lead to `address`. */
export function absoluteLinks(text: string, file: string, address: string, formerAddress = address): string {
  const moved = text.replaceAll(`${formerAddress}/`, `${address}/`);
  const pattern = new RegExp(`${CODE.source}|(?<before>\\]\\()(?!#)(?<target>[^):\\s]+)\\)`, "gm");
  return moved.replace(pattern, (match, ...args) => {
    const { before, target } = args.at(-1) as { before?: string; target?: string };
    if (before === undefined || target === undefined) return match;
    const [path = "", anchor] = target.split("#");
    const destination = posix.join(posix.dirname(file), path).replace(/\/$/, "");
    const kind = existsSync(destination) && statSync(destination).isDirectory() ? "tree" : "blob";
    const suffix = anchor === undefined ? "" : `#${anchor}`;
    return `${before}${address}/${kind}/${BRANCH}/${destination}${suffix})`;
  });
}
