import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

const MB = 1024 * 1024;

it('the space for new objects grows once, to 16 MB at most, from where a lean start leaves it', async () => {
  const script = `
    await import('./src/lean-start.ts');
    const { growNewSpace } = await import('./src/api/new-space.ts');
    console.log(JSON.stringify([growNewSpace(), growNewSpace()]));`;
  const args = ['--import', 'tsx', '--input-type=module', '-e', script];
  const { stdout } = await promisify(execFile)(process.execPath, args);
  const [grown, again] = JSON.parse(stdout) as [number, number];
  expect(grown).toBeGreaterThanOrEqual(8 * MB);
  expect(grown).toBeLessThanOrEqual(16 * MB);
  expect(again).toBe(grown);
});
