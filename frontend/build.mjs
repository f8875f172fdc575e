// Builds static/attendance/. Twice the same sources give the same bytes.
//
//   node build.mjs [--to DIRECTORY]    the app
//   node build.mjs --tests             tests/*.test.ts, into .tests/, for `node --test`
import { createHash } from "node:crypto";
import { cpSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const HERE = dirname(fileURLToPath(import.meta.url));
const given = process.argv.slice(2);
const target = given[0] === "--to" ? given[1] : join(HERE, "../static/attendance");
const WASM = join(HERE, "node_modules/zxing-wasm/dist/reader/zxing_reader.wasm");
const { version } = JSON.parse(readFileSync(join(HERE, "package.json"), "utf8"));

const shared = {
  absWorkingDir: HERE,
  bundle: true,
  charset: "utf8",
  legalComments: "none",
  logLevel: "warning",
  target: ["chrome105", "safari16"],
  jsx: "automatic",
  jsxImportSource: "preact",
  define: { __APP_VERSION__: JSON.stringify(version) },
};

async function buildTests() {
  const names = readdirSync(join(HERE, "tests")).filter((name) => name.endsWith(".test.ts"));
  const entryPoints = names.map((name) => `tests/${name}`);
  const options = { platform: "node", format: "esm", outdir: ".tests", packages: "external" };
  rmSync(join(HERE, ".tests"), { recursive: true, force: true });
  await build({ ...shared, ...options, target: "node20", entryPoints });
}

/** The decoder's default address is a foreign host's; ours must not even stand in the file. */
const nothingForeign = {
  name: "nothing-foreign",
  setup({ onLoad }) {
    onLoad({ filter: /zxing-wasm.*\.js$/ }, ({ path }) => ({
      contents: readFileSync(path, "utf8").replaceAll("https://fastly.jsdelivr.net", ""),
    }));
  },
};

async function bundle(entry, outfile, define = {}) {
  await build({
    ...shared,
    define: { ...shared.define, ...define },
    entryPoints: [entry],
    outfile,
    minify: true,
    plugins: [nothingForeign],
    format: "iife",
    loader: { ".svg": "file" },
    assetNames: "[name]",
  });
}

const hashed = (path) => createHash("sha256").update(readFileSync(path)).digest("base64");

function precached() {
  const names = readdirSync(target).filter((name) => !/^sw|^shell|\.webmanifest$/.test(name));
  const files = names.sort().map((name) => ({
    url: `/static/attendance/${name}`,
    integrity: `sha256-${hashed(join(target, name))}`,
  }));
  const shell = { url: "/attendance/", integrity: `sha256-${hashed(join(target, "shell.html"))}` };
  return [shell, ...files];
}

async function buildApp() {
  rmSync(target, { recursive: true, force: true });
  mkdirSync(target, { recursive: true });
  cpSync(join(HERE, "public"), target, { recursive: true });
  cpSync(WASM, join(target, "zxing_reader.wasm"));
  cpSync(join(HERE, "../static/icons.svg"), join(target, "icons.svg"));
  await bundle("src/main.tsx", join(target, "app.js"));
  await bundle("src/app.css", join(target, "app.css"));
  const files = JSON.stringify(precached());
  const id = createHash("sha256").update(files).digest("hex").slice(0, 12);
  const stamped = { __FILES__: files, __VERSION__: JSON.stringify(id) };
  await bundle("src/worker/sw.ts", join(target, "sw.js"), stamped);
  await bundle("src/worker/sw-off.ts", join(target, "sw-off.js"));
}

await (given[0] === "--tests" ? buildTests() : buildApp());
