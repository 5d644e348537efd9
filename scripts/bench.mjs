// npm run bench: makes ready what is needed, then runs a benchmark in the same process: imports, or with --polls that one.
import { prepare } from './prepare.mjs';

await prepare();
if (process.argv.includes('--polls')) await import('../bench/polls.mjs');
else await import('../bench/run.mjs');
