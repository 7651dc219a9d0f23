// Builds ../bundle/index.js from src/, and ../bundle/LICENSES.txt from what esbuild says it put in.
// The first line of the bundle carries the hash of every source file, so that a machine without node can tell
// whether bundle and source belong together.
import {createHash} from 'node:crypto';
import {mkdir, readFile, readdir, writeFile} from 'node:fs/promises';
import path from 'node:path';
import {fileURLToPath} from 'node:url';
import {build} from 'esbuild';

const here = path.dirname(fileURLToPath(import.meta.url));
const bundle = path.join(here, '..', 'bundle');

async function sources() {
  const entries = await readdir(here, {recursive: true, withFileTypes: true});
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(here, path.join(entry.parentPath ?? entry.path, entry.name)).split(path.sep).join('/'))
    .filter((name) => !name.startsWith('node_modules/'))
    .sort();
}

async function fingerprint() {
  const hash = createHash('sha256');
  for (const name of await sources()) {
    hash.update(`${name}\0`);
    hash.update(await readFile(path.join(here, name)));
    hash.update('\0');
  }
  return hash.digest('hex');
}

// node_modules/@deck.gl/core/dist/x.js -> node_modules/@deck.gl/core
function packageFolder(file) {
  const parts = file.split('/');
  const at = parts.lastIndexOf('node_modules');
  return at < 0 ? null : parts.slice(0, at + (parts[at + 1].startsWith('@') ? 3 : 2)).join('/');
}

async function licence(folder) {
  const about = JSON.parse(await readFile(path.join(here, folder, 'package.json'), 'utf8'));
  const file = (await readdir(path.join(here, folder))).find((name) => /^(licen[cs]e|copying)/i.test(name));
  if (!file) throw new Error(`${about.name} ships no licence text; find out what its terms are before bundling it`);
  const text = await readFile(path.join(here, folder, file), 'utf8');
  const source = typeof about.repository === 'string' ? about.repository : (about.repository?.url ?? '');
  return `${about.name} ${about.version}\nLicence: ${about.license}\nSource: ${source}\n\n${text.trim()}\n`;
}

async function licences(metafile) {
  const inside = Object.values(metafile.outputs).flatMap((output) =>
    Object.entries(output.inputs).filter(([, {bytesInOutput}]) => bytesInOutput > 0).map(([file]) => packageFolder(file)),
  );
  const folders = [...new Set(inside.filter(Boolean))].sort();
  const texts = await Promise.all(folders.map(licence));
  const rule = `\n${'-'.repeat(100)}\n\n`;
  return `What is bundled in index.js besides GridBeat's own source, and under which licence.\n${rule}${texts.join(rule)}`;
}

const result = await build({
  absWorkingDir: here,
  entryPoints: ['src/index.js'],
  bundle: true,
  minify: true,
  format: 'esm',
  target: 'es2022',
  charset: 'utf8',
  legalComments: 'none',
  loader: {'.css': 'text'},
  define: {'process.env.NODE_ENV': '"production"'},
  metafile: true,
  write: false,
  logLevel: 'warning',
});

await mkdir(bundle, {recursive: true});
const code = `/* GridBeat map; licences in LICENSES.txt; sources sha256 ${await fingerprint()} */\n${result.outputFiles[0].text}`;
await writeFile(path.join(bundle, 'index.js'), code);
await writeFile(path.join(bundle, 'LICENSES.txt'), await licences(result.metafile));
console.log(`index.js ${(code.length / 1e6).toFixed(2)} MB`);
