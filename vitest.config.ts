import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Nothing waits so long unless something is wrong, on a busy machine too. */
const PATIENCE_MS = 120_000;

/**
 * With SLUICE_TEST_SLOW=1 they run too. They take as long as fifty others: workers, slots or hosts are lost until that is noticed, large
 * files are sent over lines that are cut, or whole clients are generated.
 */
const SLOW = [
  'tests/clients/clients.test.ts',
  'tests/e2e/endless.test.ts',
  'tests/e2e/frozen.test.ts',
  'tests/e2e/hosts.test.ts',
  'tests/e2e/poison.test.ts',
  'tests/e2e/redis/sentinel-tls.test.ts',
  'tests/e2e/tasks/hard.test.ts',
  'tests/e2e/tasks/steps.test.ts',
  'tests/e2e/uploads/resumable.test.ts',
  'tests/e2e/workers/on-demand.test.ts',
  'tests/e2e/workers/workers.test.ts',
];

/** They need something that somebody has to run or build before: run by hand, with these variables (CONTRIBUTING.md). */
const BY_HAND = [
  ['SLUICE_TEST_S3', 'tests/storage/real-s3.test.ts'],
  ['SLUICE_TEST_BEFORE', 'tests/e2e/rolling-upgrade.test.ts'],
].flatMap(([variable, file]) => ((process.env[variable!] ?? '') === '' ? [file!] : []));

/** Those that start processes take longest, whatever their size: none of them is left for the end, when nothing runs beside it. */
class ProcessesFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const bySize = await super.sort(files);
    const startsProcesses = ({ moduleId }: TestSpecification) => moduleId.includes('/tests/e2e/');
    return [...bySize.filter(startsProcesses), ...bySize.filter((file) => !startsProcesses(file))];
  }
}

export default defineConfig({
  test: {
    include: ['tests/**/*.test.ts'],
    exclude: ['**/node_modules/**', ...BY_HAND, ...(process.env['SLUICE_TEST_SLOW'] === '1' ? [] : SLOW)],
    globalSetup: ['tests/support/global-setup.ts'],
    setupFiles: ['tests/support/seed.ts'],
    // Real processes and real servers, which are waited for: five keep two cores busy.
    pool: 'forks',
    // No module keeps anything that a test leaves behind, and to load them all for each file takes minutes.
    isolate: false,
    maxWorkers: 5,
    sequence: { sequencer: ProcessesFirst },
    testTimeout: PATIENCE_MS,
    hookTimeout: PATIENCE_MS,
    expect: { poll: { timeout: PATIENCE_MS / 2 } },
  },
});
