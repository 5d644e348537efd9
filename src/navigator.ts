// Node 21 and later say what they are; in Node 20 pg asks by making a Response, for which each thread loads all of fetch: 20 ms and 5 MB.
// Programs import this first.
const told = globalThis as { navigator?: { readonly userAgent: string } };
told.navigator ??= { userAgent: `Node.js/${process.versions.node.split('.')[0]}` };
