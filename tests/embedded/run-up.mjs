import { fileURLToPath } from 'node:url';
import { up } from '../../dist/cli/up/up.js';
import { readConfig } from '../../dist/config/config.js';

try {
  process.exitCode = await up(readConfig(process.env), {
    main: fileURLToPath(new URL('stand-in.mjs', import.meta.url)),
  });
} catch (error) {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}
