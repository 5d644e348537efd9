// npm start: makes ready what is needed, then becomes `sluice up`. In the same process, so that signals need no passing on.
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { prepare, ROOT } from './prepare.mjs';

await prepare();
const main = path.join(ROOT, 'dist', 'cli', 'main.js');
process.argv = [process.argv[0], main, 'up', ...process.argv.slice(2)];
await import(pathToFileURL(main).href);
