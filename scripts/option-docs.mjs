// Writes the table of upload options (src/intake/options/, built) into README.md and docs/upload-options.md; `--check` only tells
// whether they are true.
import { describeOption, OPTION_ENTRIES } from '../dist/intake/options/table.js';
import { table, withSection, writeOrCheck } from './generated-section.mjs';

const MARK = 'options: written by `npm run docs:options`';
const OF_A_RETRY = {
  own: 'Each retry says it for itself.',
  inherited: 'A retry takes over what its import said, unless it says otherwise.',
  fixed: 'A retry takes over what its import said, and cannot change it.',
};

/** What may be given, in a word or two. */
function valuesOf({ schema, takesObject }) {
  if (schema.enum !== undefined) return schema.enum.map((choice) => `\`${choice}\``).join(', ');
  if (takesObject) return 'JSON, `saved`';
  if (schema.type === 'integer') return `${schema.minimum} to ${schema.maximum}`;
  return schema.type === 'boolean' ? '`true`, `false`' : 'text';
}

function defaultOf({ schema, without, required }) {
  if (required) return 'required';
  return schema.default === undefined ? without : `\`${schema.default}\``;
}

function readme() {
  const rows = OPTION_ENTRIES.map(([name, option]) => [
    `\`${name}\``,
    valuesOf(option),
    defaultOf(option),
    option.doc,
  ]);
  return withSection('README.md', MARK, table(['option', 'values', 'default', 'what for'], rows));
}

function page() {
  const entries = OPTION_ENTRIES.map(([name, option]) =>
    [
      `### ${name}`,
      describeOption(option),
      table(
        ['values', 'default', 'command', 'retry'],
        [
          [
            valuesOf(option),
            defaultOf(option),
            `\`${option.flag.flags}\`${option.retry === 'fixed' ? ' (import)' : ''}`,
            OF_A_RETRY[option.retry],
          ],
        ],
      ),
    ].join('\n\n'),
  );
  return withSection('docs/upload-options.md', MARK, entries.join('\n\n'));
}

for (const [file, text] of [
  ['README.md', readme()],
  ['docs/upload-options.md', page()],
])
  writeOrCheck(file, text, 'src/intake/options/', 'npm run docs:options');
