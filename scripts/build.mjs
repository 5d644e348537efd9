// Installs and compiles what has changed since the last time: nothing, most times.
import { prepare } from './prepare.mjs';

await prepare();
