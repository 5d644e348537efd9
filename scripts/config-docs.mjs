// Writes the table of settings (src/config/config.ts, built) into .env.example and README.md; `--check` only tells whether they are true.
import { SETTINGS } from '../dist/config/config.js';
import { table, withSection, writeOrCheck } from './generated-section.mjs';

const settings = Object.values(SETTINGS);

function envExample() {
  const head =
    '# Every setting, as it is without this file. Copy to .env and change what you need; `npm start` reads it.\n';
  return head + settings.map(({ env, doc, defaultText }) => `\n# ${doc}\n#${env}=${defaultText}\n`).join('');
}

function readme() {
  const rows = settings.map(({ env, doc, defaultText }) => [
    `\`${env}\``,
    defaultText === '' ? '' : `\`${defaultText}\``,
    doc,
  ]);
  return withSection(
    'README.md',
    'settings: written by `npm run docs:config`',
    table(['variable', 'default', 'what for'], rows),
  );
}

for (const [file, text] of [
  ['.env.example', envExample()],
  ['README.md', readme()],
])
  writeOrCheck(file, text, 'src/config/config.ts', 'npm run docs:config');
