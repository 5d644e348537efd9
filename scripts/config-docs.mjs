// Writes the table of settings (src/config/, built) into .env.example and README.md; `--check` only tells whether they are true.
import { SETTINGS } from '../dist/config/config.js';
import { fileVariable } from '../dist/config/secret-files.js';
import { table, withSection, writeOrCheck } from './generated-section.mjs';

const settings = Object.values(SETTINGS);

function envExample() {
  const head =
    '# Every setting, as it is without this file. Copy to .env and change what you need; `npm start` reads it.\n';
  const entry = ({ env, doc, defaultText, secret }) => {
    const fromFile = secret ? `\n# ${fileVariable(env)} names a file that holds it.` : '';
    return `\n# ${doc}${fromFile}\n#${env}=${defaultText}\n`;
  };
  return head + settings.map(entry).join('');
}

function readme() {
  const rows = settings.map(({ env, doc, defaultText, secret }) => [
    `\`${env}\`${secret ? ` or \`${fileVariable(env)}\`` : ''}`,
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
  writeOrCheck(file, text, 'src/config/', 'npm run docs:config');
