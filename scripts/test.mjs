// npm test: format, lint and types, then all tests. With arguments (npm test -- tests/core) only vitest runs, with them.
// The last line counts all of it, a check as one test.
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { prepare, ROOT } from './prepare.mjs';
import { openTestFolder } from './test-folder.mjs';

const CHECKS = ['check:format', 'check:lint', 'check:types'];

await prepare();
const args = process.argv.slice(2);
const checks = args.length === 0 ? await Promise.all(CHECKS.map(runCheck)) : [];
const tests = await runTests(args);

const failedChecks = checks.filter((check) => !check.ok).map((check) => check.name);
if (failedChecks.length > 0)
  console.log(`\nFailed: ${failedChecks.map((name) => `npm run ${name}`).join(', ')}`);
const passed = tests.passed + checks.length - failedChecks.length;
const failed = tests.failed + failedChecks.length;
console.log(`${passed} passed, ${failed} failed${tests.skipped > 0 ? `, ${tests.skipped} skipped` : ''}`);
process.exitCode = failed > 0 || !tests.ok ? 1 : 0;

/** Prints what a failing check says when it is through, so that checks running side by side do not mix. */
async function runCheck(name) {
  const child = spawn('npm', ['run', '--silent', name], { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text) => (output += text));
  const ok = (await endOf(child)) === 0;
  console.log(`${ok ? '✓' : '✗'} ${name}${ok ? '' : `\n${output}`}`);
  return { name, ok };
}

async function runTests(vitestArgs) {
  const folder = openTestFolder();
  const report = path.join(fs.mkdtempSync(path.join(folder.path, 'sluice-report-')), 'report.json');
  try {
    const vitest = path.join(ROOT, 'node_modules', 'vitest', 'vitest.mjs');
    const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
    const child = spawn(process.execPath, [vitest, 'run', ...reporters, ...vitestArgs], {
      cwd: ROOT,
      stdio: 'inherit',
      env: { ...process.env, TMPDIR: folder.path },
    });
    // It stops its servers; then the folder can go.
    for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => child.kill(signal));
    const ok = (await endOf(child)) === 0;
    return { ok, ...countsIn(report, ok) };
  } finally {
    fs.rmSync(path.dirname(report), { recursive: true, force: true });
    folder.remove();
  }
}

/** A file that fails before its first test, or an error outside of tests, counts as one failure. */
function countsIn(report, ok) {
  if (!fs.existsSync(report)) return { passed: 0, failed: ok ? 0 : 1, skipped: 0 };
  const { numPassedTests, numFailedTests, numPendingTests, numTodoTests, testResults } = JSON.parse(
    fs.readFileSync(report, 'utf8'),
  );
  const emptyFailures = testResults.filter(
    (file) => file.status === 'failed' && file.assertionResults.length === 0,
  ).length;
  const failed = numFailedTests + emptyFailures;
  return {
    passed: numPassedTests,
    failed: ok ? failed : Math.max(failed, 1),
    skipped: numPendingTests + numTodoTests,
  };
}

function endOf(child) {
  return new Promise((resolve) => {
    child.once('error', () => resolve(1));
    child.once('close', resolve);
  });
}
