import { defineConfig } from 'vitest/config';

/** Nothing waits so long unless something is wrong, on a busy machine too. */
const PATIENCE_MS = 120_000;

export default defineConfig({
  test: {
    include: ['tests/**/*.test.ts'],
    globalSetup: ['tests/support/global-setup.ts'],
    setupFiles: ['tests/support/seed.ts'],
    // Real processes and real servers, which are waited for: three keep two cores busy.
    pool: 'forks',
    // No module keeps anything that a test leaves behind, and to load them all for each file takes minutes.
    isolate: false,
    maxWorkers: 3,
    testTimeout: PATIENCE_MS,
    hookTimeout: PATIENCE_MS,
    expect: { poll: { timeout: PATIENCE_MS / 2 } },
  },
});
