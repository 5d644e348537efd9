// Programs import this first: what keeps a process small.
import { setFlagsFromString } from 'node:v8';
import { isMainThread } from 'node:worker_threads';

/** Threads begin with so large a space for new objects, within their limits: it does not grow, and a slot makes many. */
const THREADS_NEW_SPACE_MB = 2;

// Node 21 and later say what they are; in Node 20 pg asks by making a Response, for which each thread loads all of fetch: 20 ms and 5 MB.
const told = globalThis as { navigator?: { readonly userAgent: string } };
told.navigator ??= { userAgent: `Node.js/${process.versions.node.split('.')[0]}` };

// While modules are loaded nearly all that is new stays, and V8 doubles the space for new objects each time, until it has 33 MB: a fifth of
// what an API or a worker holds then. On the command line the first of these flags has no effect (Node 20).
if (isMainThread) {
  setFlagsFromString('--semi-space-growth-factor=1');
  setFlagsFromString(`--min-semi-space-size=${THREADS_NEW_SPACE_MB}`);
}
