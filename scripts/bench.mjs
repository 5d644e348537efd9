// npm run bench: makes ready what is needed, then runs a benchmark in the same process: imports, or with --polls,
// --latency or --endless that one.
import { prepare } from './prepare.mjs';

await prepare();
if (process.argv.includes('--polls')) await import('../bench/polls.mjs');
else if (process.argv.includes('--latency')) await import('../bench/latency.mjs');
else if (process.argv.includes('--endless')) await import('../bench/endless.mjs');
else await import('../bench/run.mjs');
