#!/usr/bin/env node
// Nothing else is loaded before the process is kept small.
import '../lean-start.ts';

await import('./program.ts');
