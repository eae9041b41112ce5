// Writes src/generated from the program's IDL. `--check` compares instead.
import { readFile } from 'node:fs/promises';
import { rootNodeFromAnchor } from '@codama/nodes-from-anchor';
import { renderVisitor } from '@codama/renderers-js';
import { createFromRoot } from 'codama';

const idl = JSON.parse(await readFile(new URL('../../../idl/ringfence.json', import.meta.url), 'utf8'));
const codama = createFromRoot(rootNodeFromAnchor(idl));
await codama.accept(renderVisitor(process.argv[2] ?? '/tmp/gen', { deleteFolderBeforeRendering: true, formatCode: true }));
