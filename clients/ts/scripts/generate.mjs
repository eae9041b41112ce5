// Writes src/generated from the program's IDL. `--check` compares instead, and
// fails where what is committed is not what the IDL gives.
import { mkdtemp, readFile, readdir, rm, writeFile, mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { renderVisitor } from '@codama/renderers-js';
import { parse } from './idl.mjs';
import { errorTable, eventTable } from './tables.mjs';

const IDL = new URL('../../../idl/ringfence.json', import.meta.url);
const TARGET = fileURLToPath(new URL('../src/generated', import.meta.url));

/** Every file under `folder`, by its path in it. */
async function filesOf(folder) {
  const found = new Map();
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    found.set(relative(folder, path), await readFile(path, 'utf8'));
  }
  return found;
}

/** Node wants the whole name of a file that a module imports; the renderer leaves it out. */
function wholeSpecifiers(path, text, files) {
  return text.replace(/from "(\.{1,2}(?:\/[^"]*)?)"/g, (_, specifier) => {
    const base = join(dirname(path), specifier);
    const file = [`${base}.ts`, join(base, 'index.ts')].find((candidate) => files.has(candidate));
    if (file === undefined) throw new Error(`${path} imports ${specifier}, which does not exist`);
    const whole = relative(dirname(path), file).replace(/\.ts$/, '.js');
    return `from "${whole.startsWith('.') ? whole : `./${whole}`}"`;
  });
}

/**
 * The plugin's stated return type is one that TypeScript 6 does not take
 * `extendClient`'s for; left out, it is inferred.
 */
function inferredPlugin(path, text) {
  if (path !== join('programs', 'ringfence.ts')) return text;
  const stated = '): Omit<T, "ringfence"> & { ringfence: RingfencePlugin } => {';
  if (text.split(stated).length !== 2) throw new Error(`${path}: the plugin's return type has changed`);
  return text.replace(stated, ') => {');
}

async function render() {
  const idl = JSON.parse(await readFile(IDL, 'utf8'));
  const folder = await mkdtemp(join(tmpdir(), 'ringfence-client-'));
  try {
    const codama = await parse(idl);
    const options = {
      formatCode: true,
      generatedFolder: 'generated',
      kitImportStrategy: 'rootOnly',
      syncPackageJson: false,
    };
    await codama.accept(renderVisitor(folder, options));
    const files = await filesOf(join(folder, 'generated'));
    files.set(join('errors', 'table.ts'), errorTable(idl));
    files.set(join('events', 'ringfence.ts'), eventTable(idl));
    files.set(join('events', 'index.ts'), 'export * from "./ringfence";\n');
    const appended = { 'index.ts': './events', [join('errors', 'index.ts')]: './table' };
    for (const [index, name] of Object.entries(appended)) {
      files.set(index, `${files.get(index).trimEnd()}\nexport * from "${name}";\n`);
    }
    return new Map([...files].map(([path, text]) => [path, inferredPlugin(path, wholeSpecifiers(path, text, files))]));
  } finally {
    await rm(folder, { recursive: true });
  }
}

const files = await render();
if (process.argv.includes('--check')) {
  const committed = await filesOf(TARGET);
  const paths = new Set([...files.keys(), ...committed.keys()]);
  const different = [...paths].filter((path) => files.get(path) !== committed.get(path)).sort();
  if (different.length > 0) {
    console.error(`src/generated is not what idl/ringfence.json gives; run: npm run generate -w clients/ts`);
    for (const path of different) console.error(`  ${path}`);
    process.exit(1);
  }
  console.log(`src/generated: ${files.size} files, as idl/ringfence.json gives them`);
} else {
  await rm(TARGET, { recursive: true, force: true });
  for (const [path, text] of files) {
    await mkdir(dirname(join(TARGET, path)), { recursive: true });
    await writeFile(join(TARGET, path), text);
  }
  console.log(`src/generated: ${files.size} files written`);
}
