import { chmodSync, copyFileSync, cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { REPOSITORY, spawnProcess, type TestProcess } from '../support/processes.ts';
import { temporaryFolder } from '../support/temp-folder.ts';

/** A tiny clone of its own with our scripts, and programs that note how they were called instead of tsc, npm and vitest. */
export interface Clone {
  readonly path: (name: string) => string;
  readonly write: (name: string, content: string) => void;
  readonly run: (script: string, args?: readonly string[]) => TestProcess;
}

const LOCK_FILE = JSON.stringify({ packages: { '': {}, 'node_modules/one': { version: '1.0.0' } } });

/** Copies src to --outDir, and fails where a source says so. */
const TSC = `#!/usr/bin/env node
const fs = require('node:fs');
fs.appendFileSync('calls.log', 'tsc\\n');
if (fs.readFileSync('src/main.ts', 'utf8').includes('wrong')) {
  console.log('src/main.ts(1,1): error');
  process.exit(2);
}
fs.cpSync('src', process.argv[process.argv.indexOf('--outDir') + 1], { recursive: true });
`;

/** Takes what tsc has made of the sources as it is. */
const ROLLDOWN = `#!/usr/bin/env node
require('node:fs').appendFileSync('calls.log', 'rolldown\\n');
`;

/** Installs what the lock file lists. */
const NPM = `
const fs = require('node:fs');
fs.appendFileSync('calls.log', process.argv.slice(2).join(' ') + '\\n');
fs.mkdirSync('node_modules', { recursive: true });
fs.copyFileSync('package-lock.json', 'node_modules/.package-lock.json');
`;

export function makeClone(): Clone {
  const folder = temporaryFolder();
  const path = (name: string) => join(folder, name);
  const write = (name: string, content: string) => {
    mkdirSync(dirname(path(name)), { recursive: true });
    writeFileSync(path(name), content);
  };
  cpSync(join(REPOSITORY, 'scripts'), path('scripts'), { recursive: true });
  mkdirSync(path('.ci'));
  copyFileSync(join(REPOSITORY, '.ci', 'run'), path('.ci/run'));
  write('package.json', JSON.stringify({ type: 'module', bin: { command: 'dist/main.ts' } }));
  write('package-lock.json', LOCK_FILE);
  write('tsconfig.json', '{}');
  write('tsconfig.build.json', '{}');
  write('rolldown.config.mjs', '');
  write('src/main.ts', 'first');
  write('src/extra.ts', 'extra');
  write('node_modules/.package-lock.json', LOCK_FILE);
  for (const [command, script] of Object.entries({ tsc: TSC, rolldown: ROLLDOWN })) {
    write(`node_modules/.bin/${command}`, script);
    chmodSync(path(`node_modules/.bin/${command}`), 0o755);
  }
  write('node_modules/.bin/package.json', '{}');
  write('npm.cjs', NPM);
  const env = { npm_execpath: path('npm.cjs') };
  return {
    path,
    write,
    run: (script, args = []) => spawnProcess([process.execPath, path(script), ...args], { cwd: folder, env }),
  };
}
