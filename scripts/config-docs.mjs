// Writes the table of settings (src/config/, built) into .env.example and README.md; `--check` only tells whether they are true.
import { readFileSync, writeFileSync } from 'node:fs';
import { SETTINGS } from '../dist/config/config.js';
import { fileVariable } from '../dist/config/secret-files.js';

const settings = Object.values(SETTINGS);
const BEGIN = '<!-- settings: written by `npm run docs:config` -->';
const END = '<!-- end of settings -->';

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
  const text = readFileSync('README.md', 'utf8');
  const rows = settings.map(
    ({ env, doc, defaultText, secret }) =>
      `| \`${env}\`${secret ? ` or \`${fileVariable(env)}\`` : ''} | ${defaultText === '' ? '' : `\`${defaultText}\``} | ${doc.replaceAll('|', '\\|')} |`,
  );
  const table = ['| variable | default | what for |', '|---|---|---|', ...rows].join('\n');
  const begin = text.indexOf(BEGIN);
  const end = text.indexOf(END);
  if (begin === -1 || end === -1) throw new Error(`README.md must hold "${BEGIN}" and "${END}"`);
  return `${text.slice(0, begin + BEGIN.length)}\n\n${table}\n\n${text.slice(end)}`;
}

const check = process.argv.includes('--check');
for (const [file, text] of [
  ['.env.example', envExample()],
  ['README.md', readme()],
]) {
  if (!check) writeFileSync(file, text);
  else if (readFileSync(file, 'utf8') !== text) {
    process.stderr.write(`${file} is not what src/config/ says. Run "npm run docs:config".\n`);
    process.exitCode = 1;
  }
}
