// npm run bench: makes ready what is needed, then runs the bench in the same process.
import { prepare } from './prepare.mjs';

await prepare();
await import('../bench/run.mjs');
