// Files of this package, by their paths from its root. A module does not know where it stands: the programs are bundled (rolldown.config.mjs).
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

const ROOT = rootOf(import.meta.dirname);

function rootOf(folder: string): string {
  return existsSync(join(folder, 'package.json')) ? folder : rootOf(dirname(folder));
}

/** @param path from the package's root, such as `migrations` */
export function packageFile(path: string): string {
  return join(ROOT, path);
}

/** What runs as a process or a thread of its own. @param module below `src`, without its ending */
export function programFile(module: string): string {
  return join(ROOT, 'dist', `${module}.js`);
}
