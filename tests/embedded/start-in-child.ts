import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { spawnProcess, type TestProcess } from '../support/processes.ts';

const SCRIPT = join(dirname(fileURLToPath(import.meta.url)), 'start-in-child.mjs');

/** A process that runs an embedded server, and can be killed. It says "running <pid> <url>". */
export function startInChild(server: 'postgres' | 'redis', dataDir: string, toolsDir = ''): TestProcess {
  return spawnProcess([process.execPath, SCRIPT, server, dataDir, toolsDir]);
}
