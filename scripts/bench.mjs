// npm run bench: makes ready what is needed, then runs the bench in the same process, or with --corpus the corpus.
import { prepare } from './prepare.mjs';

await prepare();
if (process.argv.includes('--corpus')) await import('../bench/corpus.mjs');
else await import('../bench/run.mjs');
