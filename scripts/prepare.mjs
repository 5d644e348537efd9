// What must be there before Sluice can run: a Node that is new enough, the dependencies, and the compiled program. Plain
// JavaScript without dependencies: it runs in a fresh clone. Each step does nothing when nothing has changed, and two that run
// at once do not disturb each other.
import { spawn } from 'node:child_process';
import { createHash, randomUUID } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

export const ROOT = path.dirname(path.dirname(fileURLToPath(import.meta.url)));

const NODE_NEEDED = [20, 19];
const INSTALLED = path.join(ROOT, 'node_modules', '.sluice-installed');
const DIST = path.join(ROOT, 'dist');
const STAMP = path.join(DIST, '.source-hash');
const LOCK = path.join(ROOT, '.sluice', 'prepare.lock');
const LOCK_POLL_MS = 100;

/** All of it. Ends the process with a sentence when something is wrong. */
export async function prepare() {
  try {
    checkNode();
    if (!isInstalled() || !isBuilt())
      await withLock(async () => {
        if (!isInstalled()) await install();
        if (!isBuilt()) await build();
      });
  } catch (error) {
    console.error(error.message);
    process.exit(1);
  }
}

function checkNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  const [neededMajor, neededMinor] = NODE_NEEDED;
  if (major > neededMajor || (major === neededMajor && minor >= neededMinor)) return;
  throw new Error(`Sluice needs Node ${NODE_NEEDED.join('.')} or later; this is ${process.versions.node}.`);
}

/** Whether node_modules was installed from this package-lock.json, by us or by hand. */
function isInstalled() {
  const hash = fileHash(['package-lock.json']);
  if (fs.existsSync(INSTALLED) && fs.readFileSync(INSTALLED, 'utf8') === hash) return true;
  const wanted = readJson(path.join(ROOT, 'package-lock.json')).packages;
  const present = readJson(path.join(ROOT, 'node_modules', '.package-lock.json'))?.packages;
  if (present === undefined) return false;
  // Optional packages may be of another platform.
  const differs = Object.entries(wanted).some(
    ([place, { version, optional, extraneous }]) =>
      place !== '' &&
      !extraneous &&
      !(optional && !(place in present)) &&
      present[place]?.version !== version,
  );
  if (!differs) fs.writeFileSync(INSTALLED, hash);
  return !differs;
}

async function install() {
  console.log('Installing dependencies …');
  const npm = process.env.npm_execpath === undefined ? ['npm'] : [process.execPath, process.env.npm_execpath];
  // Both kinds are needed to build and run from a clone, whatever NODE_ENV says.
  await run([...npm, 'ci', '--include=dev', '--include=optional', '--no-audit', '--no-fund']);
  fs.writeFileSync(INSTALLED, fileHash(['package-lock.json']));
}

function isBuilt() {
  return fs.existsSync(STAMP) && fs.readFileSync(STAMP, 'utf8') === sourceHash();
}

/** Compiles beside `dist` and then takes its place: no output of a deleted source stays, and a failed build changes nothing. */
async function build() {
  console.log('Compiling …');
  const next = `${DIST}.next`;
  const hash = sourceHash();
  fs.rmSync(next, { recursive: true, force: true });
  try {
    // The types are checked by npm run check:types.
    const options = ['--outDir', next, '--incremental', 'false', '--noCheck'];
    await run([installed('tsc'), '-p', 'tsconfig.build.json', ...options]);
    await run([installed('rolldown'), '-c', 'rolldown.config.mjs', '--dir', next]);
    makeRunnable(next);
    fs.writeFileSync(path.join(next, path.basename(STAMP)), hash);
    fs.rmSync(DIST, { recursive: true, force: true });
    fs.renameSync(next, DIST);
  } finally {
    fs.rmSync(next, { recursive: true, force: true });
  }
}

function installed(command) {
  return path.join(ROOT, 'node_modules', '.bin', command);
}

/** npm does so when it installs, which is not each time that we compile. */
function makeRunnable(folder) {
  const { bin = {} } = readJson(path.join(ROOT, 'package.json'));
  for (const file of Object.values(bin))
    fs.chmodSync(path.join(folder, path.relative(path.basename(DIST), file)), 0o755);
}

function sourceHash() {
  return fileHash([
    'package-lock.json',
    'tsconfig.json',
    'tsconfig.build.json',
    'rolldown.config.mjs',
    ...filesBelow('src'),
  ]);
}

function fileHash(files) {
  const hash = createHash('sha256');
  for (const file of files)
    hash
      .update(`${file}\0`)
      .update(fs.readFileSync(path.join(ROOT, file)))
      .update('\0');
  return hash.digest('hex');
}

function filesBelow(folder) {
  const entries = fs.readdirSync(path.join(ROOT, folder), { withFileTypes: true, recursive: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(ROOT, path.join(entry.parentPath, entry.name)))
    .sort();
}

/** Silent unless it fails. */
async function run([program, ...args]) {
  const child = spawn(program, args, { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text) => (output += text));
  const code = await new Promise((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('close', resolve);
  });
  if (code !== 0)
    throw new Error(`${output}\n${[path.basename(program), ...args].join(' ')} failed (${code}).`);
}

/** One at a time, across processes. The lock of a process that is gone is taken over. */
async function withLock(work) {
  fs.mkdirSync(path.dirname(LOCK), { recursive: true, mode: 0o711 });
  while (!takeLock()) await delay(LOCK_POLL_MS);
  try {
    return await work();
  } finally {
    fs.rmSync(LOCK, { force: true });
  }
}

function takeLock() {
  const draft = `${LOCK}.${randomUUID()}`;
  fs.writeFileSync(draft, String(process.pid), { mode: 0o600 });
  try {
    fs.linkSync(draft, LOCK);
    return true;
  } catch (error) {
    if (error.code !== 'EEXIST') throw error;
    clearStaleLock(draft);
    return false;
  } finally {
    fs.rmSync(draft, { force: true });
  }
}

/** Moves the lock away, and back if it turns out to be the fresh one of a process that was quicker. */
function clearStaleLock(draft) {
  const aside = `${draft}.aside`;
  if (holderLives(LOCK)) return;
  try {
    fs.renameSync(LOCK, aside);
    if (holderLives(aside)) fs.linkSync(aside, LOCK);
  } catch (error) {
    if (error.code !== 'ENOENT' && error.code !== 'EEXIST') throw error;
  } finally {
    fs.rmSync(aside, { force: true });
  }
}

function holderLives(file) {
  try {
    process.kill(Number(fs.readFileSync(file, 'utf8')), 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

function readJson(file) {
  return fs.existsSync(file) ? JSON.parse(fs.readFileSync(file, 'utf8')) : undefined;
}
