import { existsSync, readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { type DefaultTheme, defineConfig } from "vitepress";

const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** The generated pages of the reference, one folder a package. There are none before `npm run docs:build`. */
function reference(): DefaultTheme.SidebarItem[] {
  const folder = at("../reference");
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => ({ text: `@pipe512/${name}`, link: `/reference/${name}/` }));
}

const guide: DefaultTheme.SidebarItem[] = [
  { text: "What it is for", link: "/guide/introduction" },
  { text: "Install and first pipe", link: "/guide/getting-started" },
  { text: "Accepted, taken, finished", link: "/guide/accepted-taken-finished" },
  { text: "Closing and errors", link: "/guide/closing-and-errors" },
  { text: "Cancelling", link: "/guide/cancelling" },
  { text: "Backpressure", link: "/guide/backpressure" },
  { text: "Who owns an array", link: "/guide/ownership" },
  { text: "Choosing how to read", link: "/guide/reading" },
  { text: "Diagnosing hangs", link: "/guide/hangs" },
  { text: "Threads", link: "/guide/threads" },
  { text: "Pitfalls", link: "/guide/pitfalls" },
  { text: "When to use something else", link: "/guide/alternatives" },
];

export default defineConfig({
  title: "pipe512",
  description: "Go's io.Pipe for JavaScript: a writer, a reader, and exactly 512 bytes between them.",
  lang: "en",
  cleanUrls: true,
  srcExclude: ["README.md"],
  vite: {
    // The picture of the ring runs a real pipe, from the sources.
    resolve: { alias: { "@pipe512/core": at("../../packages/core/src/index.ts") } },
    server: { fs: { allow: [at("../..")] } },
  },
  themeConfig: {
    outline: [2, 3],
    search: { provider: "local" },
    nav: [
      { text: "Guide", link: "/guide/introduction", activeMatch: "/guide/" },
      { text: "Recipes", link: "/recipes/", activeMatch: "/recipes/" },
      { text: "Reference", link: "/reference/", activeMatch: "/reference/" },
      { text: "Contract", link: "/contract" },
      { text: "Benchmark", link: "/benchmark" },
    ],
    sidebar: [
      { text: "Guide", items: guide },
      {
        text: "Coming from",
        items: [
          { text: "Go", link: "/from/go" },
          { text: "PassThrough", link: "/from/pass-through" },
          { text: "TransformStream", link: "/from/transform-stream" },
          { text: "plain RxJS", link: "/from/rxjs" },
        ],
      },
      {
        text: "Recipes",
        items: [
          { text: "All recipes", link: "/recipes/" },
          { text: "Lines and records", link: "/recipes/lines" },
          { text: "Files", link: "/recipes/files" },
          { text: "HTTP", link: "/recipes/http" },
          { text: "Node streams", link: "/recipes/node" },
          { text: "RxJS", link: "/recipes/rxjs" },
          { text: "Threads", link: "/recipes/threads" },
        ],
      },
      { text: "Packages", items: packages() },
      {
        text: "Reference",
        items: [
          { text: "Contract", link: "/contract" },
          { text: "Error codes", link: "/errors" },
          { text: "Error messages", link: "/messages" },
          { text: "The pipe across threads", link: "/threads" },
          { text: "Benchmark", link: "/benchmark" },
          { text: "Glossary", link: "/glossary" },
          { text: "Decisions", link: "/decisions" },
          { text: "Experiments", link: "/experiments" },
          ...reference(),
        ],
      },
    ],
  },
});

/** The README of each published package is a page. */
function packages(): DefaultTheme.SidebarItem[] {
  return ["core", "node", "web", "rxjs", "nats", "conformance"]
    .filter((name) => existsSync(at(`../../packages/${name}/README.md`)))
    .map((name) => ({ text: `@pipe512/${name}`, link: `/packages/${name}` }));
}
