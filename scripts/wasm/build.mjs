// `npm run wasm`: compiles cells.ts beside this file into src/core/dataset/infer/cells-wasm.ts, which is kept in the repository. The compiler is
// fetched for that alone.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';

const COMPILER = 'assemblyscript@0.28.20';
const SOURCE = path.join(import.meta.dirname, 'cells.ts');
const TARGET = path.join(import.meta.dirname, '../../src/core/dataset/infer/cells-wasm.ts');
const LINE_CHARS = 120;

const folder = mkdtempSync(path.join(os.tmpdir(), 'sluice-wasm-'));
try {
  const made = path.join(folder, 'cells.wasm');
  const options = ['-O3', '--noAssert', '--runtime', 'stub', '--enable', 'simd', '--outFile', made];
  execFileSync('npx', ['--yes', '--package', COMPILER, 'asc', SOURCE, ...options], { stdio: 'inherit' });
  const text = readFileSync(made).toString('base64');
  const lines = text.match(new RegExp(`.{1,${LINE_CHARS}}`, 'g'));
  const hash = createHash('sha256').update(readFileSync(SOURCE)).digest('hex');
  writeFileSync(
    TARGET,
    [
      '// Made by `npm run wasm` of scripts/wasm/cells.ts; not to be changed by hand.',
      '',
      '/** SHA-256 of the source that it was made of. */',
      `export const SOURCE_HASH = '${hash}';`,
      '',
      '/** The module, in base64. */',
      `export const CELLS_WASM = [`,
      ...lines.map((line) => `  '${line}',`),
      `].join('');`,
      '',
    ].join('\n'),
  );
} finally {
  rmSync(folder, { recursive: true });
}
