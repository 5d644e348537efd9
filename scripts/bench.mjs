// npm run bench: makes ready what is needed, then runs a benchmark in the same process: imports, or with --polls or
// --latency that one.
import { prepare } from './prepare.mjs';

await prepare();
if (process.argv.includes('--polls')) await import('../bench/polls.mjs');
else if (process.argv.includes('--latency')) await import('../bench/latency.mjs');
else await import('../bench/run.mjs');
