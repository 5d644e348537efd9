import { existsSync, readFileSync, rmSync, statSync } from 'node:fs';
import { expect, test } from 'vitest';
import { makeClone, type Clone } from './fixture.ts';

const BUILT = ['tsc', 'rolldown'];

async function prepare(clone: Clone) {
  const run = clone.run('scripts/build.mjs');
  return { ...(await run.exited), output: run.output() };
}

function calls(clone: Clone): string[] {
  return existsSync(clone.path('calls.log'))
    ? readFileSync(clone.path('calls.log'), 'utf8').trim().split('\n')
    : [];
}

test('compiles once, and again only when a source has changed', async () => {
  const clone = makeClone();
  expect(await prepare(clone)).toMatchObject({ code: 0, output: 'Compiling …\n' });
  expect(await prepare(clone)).toMatchObject({ code: 0, output: '' });
  expect(calls(clone)).toEqual(BUILT);

  clone.write('src/main.ts', 'second');
  await prepare(clone);
  expect(calls(clone)).toEqual([...BUILT, ...BUILT]);
  expect(readFileSync(clone.path('dist/main.ts'), 'utf8')).toBe('second');
  // `npx` runs what package.json names as a command.
  expect(statSync(clone.path('dist/main.ts')).mode & 0o111).toBe(0o111);
});

test('what was compiled from a source that is gone is removed', async () => {
  const clone = makeClone();
  await prepare(clone);
  expect(existsSync(clone.path('dist/extra.ts'))).toBe(true);
  rmSync(clone.path('src/extra.ts'));
  await prepare(clone);
  expect(existsSync(clone.path('dist/extra.ts'))).toBe(false);
  expect(existsSync(clone.path('dist/main.ts'))).toBe(true);
});

test('a compile error is shown, and leaves what was compiled before', async () => {
  const clone = makeClone();
  await prepare(clone);
  clone.write('src/main.ts', 'wrong');
  const { code, output } = await prepare(clone);
  expect(code).toBe(1);
  expect(output).toContain('src/main.ts(1,1): error');
  expect(readFileSync(clone.path('dist/main.ts'), 'utf8')).toBe('first');
  expect(existsSync(clone.path('dist.next'))).toBe(false);
});

test('installs when node_modules is missing or of another lock file, and not when only optional packages lack', async () => {
  const clone = makeClone();
  const withOptional = {
    packages: {
      'node_modules/one': { version: '1.0.0' },
      'node_modules/other-platform': { version: '1.0.0', optional: true },
    },
  };
  clone.write('package-lock.json', JSON.stringify(withOptional));
  await prepare(clone);
  expect(calls(clone)).toEqual(BUILT);

  clone.write(
    'package-lock.json',
    JSON.stringify({ packages: { 'node_modules/one': { version: '2.0.0' } } }),
  );
  expect(await prepare(clone)).toMatchObject({ code: 0, output: 'Installing dependencies …\nCompiling …\n' });
  expect(await prepare(clone)).toMatchObject({ code: 0, output: '' });
  expect(calls(clone)).toEqual([...BUILT, expect.stringMatching(/^ci .*--include=dev/), ...BUILT]);
});

test('two at once install and compile once', async () => {
  const clone = makeClone();
  rmSync(clone.path('node_modules/.package-lock.json'));
  const both = await Promise.all([prepare(clone), prepare(clone)]);
  expect(both.map(({ code }) => code)).toEqual([0, 0]);
  expect(calls(clone)).toEqual([expect.stringMatching(/^ci /), ...BUILT]);
});

test('the lock of a process that was killed does not stop the next one', async () => {
  const clone = makeClone();
  const gone = clone.run('npm.cjs');
  await gone.exited;
  clone.write('.sluice/prepare.lock', String(gone.pid));
  expect(await prepare(clone)).toMatchObject({ code: 0 });
  expect(existsSync(clone.path('.sluice/prepare.lock'))).toBe(false);
});

test('npm start runs the compiled `up` with its arguments in the same process', async () => {
  const clone = makeClone();
  clone.write(
    'src/cli/main.js',
    "process.stdout.write(JSON.stringify([process.pid, ...process.argv.slice(2)]) + '\\n');\n",
  );
  const start = clone.run('scripts/start.mjs', ['--quiet']);
  expect(await start.exited).toMatchObject({ code: 0 });
  expect(start.output()).toBe(`Compiling …\n${JSON.stringify([start.pid, 'up', '--quiet'])}\n`);
});
