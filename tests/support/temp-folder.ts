import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { inject, onTestFinished } from 'vitest';

/** An empty folder with a space in its path, which only its owner may enter. It is removed when the test ends. */
export function temporaryFolder(): string {
  const folder = folderForFile();
  onTestFinished(() => {
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  });
  return folder;
}

/** As `temporaryFolder`, for more than one test; removed after the run. */
export function folderForFile(): string {
  return mkdtempSync(join(inject('runFolder'), 'a test '));
}
