// Bundles page.jsx into src/pages/assets/graphiql.{js,css} and collects the licences of what went in.
// Run after changing a version here: npm ci && npm run build
import { build } from 'esbuild';
import { readFile, readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';

const out = path.resolve(import.meta.dirname, '../../src/pages/assets');

const result = await build({
  entryPoints: { graphiql: 'page.jsx' },
  absWorkingDir: import.meta.dirname,
  bundle: true,
  minify: true,
  // GraphiQL titles its icons by the names of its functions.
  keepNames: true,
  metafile: true,
  format: 'esm',
  target: ['es2022'],
  jsx: 'automatic',
  define: { 'process.env.NODE_ENV': '"production"' },
  loader: { '.woff2': 'dataurl', '.woff': 'dataurl', '.ttf': 'dataurl', '.svg': 'dataurl' },
  legalComments: 'none',
  outdir: out,
  logLevel: 'info',
});

function packageOf(input) {
  const at = input.lastIndexOf('node_modules/');
  if (at < 0) return undefined;
  const parts = input.slice(at + 'node_modules/'.length).split('/');
  const name = parts[0].startsWith('@') ? parts.slice(0, 2).join('/') : parts[0];
  return input.slice(0, at) + 'node_modules/' + name;
}

async function notice(folder) {
  const at = path.join(import.meta.dirname, folder);
  const about = JSON.parse(await readFile(path.join(at, 'package.json'), 'utf8'));
  const file = (await readdir(at)).find(name => /^(licen[cs]e|copying)/i.test(name));
  const text = file ? (await readFile(path.join(at, file), 'utf8')).trim() : '(no licence file in the package)';
  if (!/^(MIT|BSD|ISC|Apache|0BSD|Unlicense|Python|OFL)/i.test(about.license ?? '')) {
    throw new Error(`${about.name} has the licence ${about.license}`);
  }
  return `${about.name} ${about.version} (${about.license})\n\n${text.replaceAll('\r\n', '\n')}\n`;
}

const inputs = Object.values(result.metafile.outputs).flatMap(output => Object.keys(output.inputs));
const packages = [...new Set(inputs.map(packageOf).filter(Boolean))].sort();
const notices = await Promise.all(packages.map(notice));
const head = 'graphiql.js and graphiql.css are bundled by scripts/graphiql from these packages.\n\n';
await writeFile(path.join(out, 'graphiql.licenses.txt'), head + notices.join('\n' + '-'.repeat(80) + '\n\n'));
