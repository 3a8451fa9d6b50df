// Bundles single imports with each bundler, as an application would, and prints the sizes when minified and compressed:
// node bundle.mjs FOLDER < imports. It is in the folder of the bundlers so that it finds them. The entries are in FOLDER,
// beside the packages.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import resolve from "@rollup/plugin-node-resolve";
import * as esbuild from "esbuild";
import { rollup } from "rollup";
import { build as vite } from "vite";
import webpack from "webpack";

const [folder = "."] = process.argv.slice(2);
const { imports, external } = JSON.parse(readFileSync(0, "utf8"));
const isExternal = (name) =>
  name.startsWith("node:") || external.some((peer) => name === peer || name.startsWith(`${peer}/`));

const bundlers = {
  async esbuild(entry) {
    const { outputFiles } = await esbuild.build({
      entryPoints: [entry],
      bundle: true,
      minify: true,
      format: "esm",
      target: "es2022",
      external: [...external, "node:*"],
      write: false,
    });
    return outputFiles[0].text;
  },
  async vite(entry) {
    const { output } = await vite({
      root: folder,
      configFile: false,
      logLevel: "error",
      build: { write: false, target: "es2022", rolldownOptions: { input: entry, external: isExternal } },
    });
    return output[0].code;
  },
  async rollup(entry) {
    const bundle = await rollup({ input: entry, external: isExternal, plugins: [resolve()] });
    const { output } = await bundle.generate({ format: "esm" });
    await bundle.close();
    // Rollup does not minify.
    return (await esbuild.transform(output[0].code, { minify: true, target: "es2022" })).code;
  },
  async webpack(entry) {
    const output = { path: join(folder, "webpack"), filename: "bundle.mjs", library: { type: "module" } };
    const compiler = webpack({
      mode: "production",
      entry,
      output,
      target: ["web", "es2022"],
      experiments: { outputModule: true },
      externalsType: "module",
      externals: ({ request }, callback) => (isExternal(request) ? callback(null, request) : callback()),
    });
    const stats = await new Promise((done, fail) =>
      compiler.run((error, result) => (error ? fail(error) : done(result))),
    );
    if (stats.hasErrors()) throw new Error(stats.toString("errors-only"));
    return readFileSync(join(output.path, output.filename), "utf8");
  },
};

const results = [];
for (const [index, { from, name }] of imports.entries()) {
  const entry = join(folder, `entry-${index}.mjs`);
  const binding = name === "*" ? "* as used" : `{ ${name} as used }`;
  writeFileSync(entry, `import ${binding} from "${from}";\nglobalThis.used = used;\n`);
  const sizes = {};
  for (const [bundler, bundle] of Object.entries(bundlers)) {
    const code = await bundle(entry);
    sizes[bundler] = gzipSync(code).length;
    writeFileSync(join(folder, `bundle-${index}-${bundler}.mjs`), code);
  }
  results.push({
    from,
    name,
    sizes,
    bundles: Object.keys(bundlers).map((bundler) => `bundle-${index}-${bundler}.mjs`),
  });
}
console.log(JSON.stringify(results));
