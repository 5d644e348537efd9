import { expect, test } from 'vitest';
import { spawnProcess } from '../support/processes.ts';
import { makeClone, type Clone } from './fixture.ts';

interface Outcome {
  readonly passed: number;
  readonly failed: number;
  readonly skipped?: number;
  /** Whether the file failed before its first test. */
  readonly emptyFailure?: boolean;
  readonly lint?: string;
}

/** A clone whose vitest reports these numbers, and whose checks are these. */
function cloneWith({ passed, failed, skipped = 0, emptyFailure = false, lint = 'true' }: Outcome): Clone {
  const clone = makeClone();
  const scripts = {
    test: 'node scripts/test.mjs',
    'check:format': 'true',
    'check:lint': lint,
    'check:types': 'true',
  };
  clone.write('package.json', JSON.stringify({ type: 'module', scripts }));
  const report = {
    numPassedTests: passed,
    numFailedTests: failed,
    numPendingTests: skipped,
    numTodoTests: 0,
    testResults: emptyFailure ? [{ status: 'failed', assertionResults: [] }] : [],
  };
  clone.write(
    'node_modules/vitest/vitest.mjs',
    `import { writeFileSync } from 'node:fs';
const output = process.argv.find((word) => word.startsWith('--outputFile.json='));
writeFileSync(output.split('=')[1], ${JSON.stringify(JSON.stringify(report))});
console.log('vitest', process.argv.at(-1));
process.exit(${failed > 0 || emptyFailure ? 1 : 0});
`,
  );
  return clone;
}

async function runTests(clone: Clone, args: readonly string[] = []) {
  const run = clone.run('scripts/test.mjs', args);
  const { code } = await run.exited;
  return { code, lines: run.output().trim().split('\n') };
}

test('the last line counts tests and checks', async () => {
  const { code, lines } = await runTests(cloneWith({ passed: 40, failed: 0, skipped: 2 }));
  expect(code).toBe(0);
  expect(lines.at(-1)).toBe('43 passed, 0 failed, 2 skipped');
});

test('a failing check is shown, counted, and does not keep the tests from running', async () => {
  const { code, lines } = await runTests(
    cloneWith({ passed: 40, failed: 0, lint: 'echo no semicolon; false' }),
  );
  expect(code).toBe(1);
  expect(lines).toContain('no semicolon');
  expect(lines).toContain('Failed: npm run check:lint');
  expect(lines.at(-1)).toBe('42 passed, 1 failed');
});

test('a test file that fails before its first test is a failure', async () => {
  const { code, lines } = await runTests(cloneWith({ passed: 40, failed: 0, emptyFailure: true }));
  expect(code).toBe(1);
  expect(lines.at(-1)).toBe('43 passed, 1 failed');
});

test('with arguments only the tests run, with them', async () => {
  const { lines } = await runTests(cloneWith({ passed: 1, failed: 0, lint: 'false' }), ['tests/core']);
  expect(lines).toContain('vitest tests/core');
  expect(lines.at(-1)).toBe('1 passed, 0 failed');
});

test('.ci/run ends with the count and fails as the tests do', async () => {
  for (const [outcome, code, line] of [
    [{ passed: 40, failed: 0 }, 0, '43 passed, 0 failed'],
    [{ passed: 40, failed: 3 }, 1, '43 passed, 3 failed'],
  ] as const) {
    const run = spawnProcess(['bash', cloneWith(outcome).path('.ci/run')], {
      env: { npm_execpath: undefined },
    });
    expect((await run.exited).code).toBe(code);
    expect(run.output().trim().split('\n').at(-1)).toBe(line);
  }
});
