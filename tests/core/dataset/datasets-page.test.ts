// docs/datasets.md is true: each of its JSON blocks is a document that `sluice datasets check` takes, and each table of cells below one
// holds what becomes of them.
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parseDataset } from '../../../src/core/dataset/document/parse-dataset.ts';
import { TYPE_PROPERTIES } from '../../../src/core/dataset/document/type-properties.ts';
import { compileField } from '../../../src/core/dataset/fields/compile-field.ts';
import { asWritten, withNotation } from '../../../src/core/dataset/fields/notation.ts';
import { FIELD_TYPES, type Dataset } from '../../../src/core/dataset/types.ts';
import { land } from './customers.ts';
import { readOptions } from '../../../src/intake/upload-options.ts';

const PAGE = readFileSync(new URL('../../../docs/datasets.md', import.meta.url), 'utf8');

interface Example {
  readonly json: string;
  readonly line: number;
  readonly rows: readonly (readonly string[])[];
}

/** Each JSON block, with the table of cells that follows it before the next. */
function examplesOf(page: string): Example[] {
  const blocks = [...page.matchAll(/^```json\n(.*?)^```$/gms)];
  return blocks.map(({ 0: block, 1: json = '', index }, at) => {
    const rest = page.slice(index + block.length, blocks[at + 1]?.index);
    const table = /^\| cell \|.*\n\|[-| ]+\n((?:\|.*\n)+)/m.exec(rest)?.[1] ?? '';
    const rows = table
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => line.slice(2, -2).split(' | '));
    return { json, line: page.slice(0, index).split('\n').length, rows };
  });
}

/** A document, or the field of one. */
function datasetOf(json: string): Dataset {
  const value = JSON.parse(json) as Record<string, unknown>;
  const document =
    value['target'] === undefined
      ? { name: 'd', schema: { fields: [{ name: 'f', ...value }] }, target: { table: 't' } }
      : value;
  return parseDataset(document, 'docs/datasets.md');
}

/** What stands between backticks, with signs that cannot be seen as `[U+00A0]`. */
function quoted(text: string): string {
  const [, inner] = /^`(.*)`$/.exec(text.trim()) ?? [];
  if (inner === undefined) throw new Error(`Not quoted: ${text}`);
  const seen = inner === ' ' ? '' : inner;
  return seen.replaceAll(/\[U\+([0-9A-F]+)\]/g, (_, code: string) =>
    String.fromCodePoint(parseInt(code, 16)),
  );
}

/** What becomes of a row's cell, with the upload options of its second column if it has three. */
function outcomeOf({ schema }: Dataset, row: readonly string[]): string {
  const [field] = schema.fields.slice(-1);
  const said = row.length === 3 ? quoted(row[1]!).split(' ').filter(Boolean) : [];
  const { notation } = readOptions({
    dataset: 'd',
    ...Object.fromEntries(said.map((one) => one.split('='))),
  });
  const [column] = withNotation([field!], [{ header: 'f', fieldIndex: 0 }], notation);
  const { read, explain } = compileField(asWritten(field!, column!), schema);
  const cell = quoted(row[0]!);
  const value = read(cell);
  if (value === undefined) return `row error: ${explain(cell)[0]?.message}`;
  return value === null ? 'null' : `\`${value}\``;
}

/** A row error is given by what it contains. */
function patternOf(outcome: string): RegExp {
  const [, clause] = /^row error: (.*)$/.exec(outcome) ?? [];
  return new RegExp(clause === undefined ? `^${escaped(outcome)}$` : `^row error: .*${escaped(clause)}`);
}

const escaped = (text: string): string => text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');

const EXAMPLES = examplesOf(PAGE);

/** What becomes of a record, of whose columns a repeated field takes several. */
function landed(dataset: Dataset, header: string, record: string): string {
  const { out, errors } = land(dataset, [header.split(','), record.split(',')]);
  const [, value] = out.at(-1)!.split('\t');
  if (errors.length > 0) return `row error: ${errors[0]!.message}`;
  return value === '\\N' ? 'null' : `\`${value}\``;
}

test('the records of repeated columns become what the page says', () => {
  const [, block = '', table = ''] =
    /^```json\n([^`]*"repeated"[^`]*)```\n\n\| header .*\n.*\n((?:\|.*\n)+)/m.exec(PAGE) ?? [];
  const rows = table
    .trim()
    .split('\n')
    .map((line) => line.slice(2, -2).split(' | '));
  expect(rows.length).toBeGreaterThan(3);
  for (const [header = '', record = '', outcome = ''] of rows)
    expect(landed(datasetOf(block), header.slice(1, -1), record.slice(1, -1))).toMatch(patternOf(outcome));
});

test.each(EXAMPLES)('the example on line $line of docs/datasets.md is true', ({ json, rows }) => {
  const dataset = datasetOf(json);
  expect(rows.map((row) => [row[0], outcomeOf(dataset, row)])).toEqual(
    rows.map((row) => [row[0], expect.stringMatching(patternOf(row.at(-1)!))]),
  );
});

test('every type and every property has an example', () => {
  const all = EXAMPLES.map(({ json }) => json).join('\n');
  expect(FIELD_TYPES.filter((type) => !all.includes(`"type": "${type}"`))).toEqual([]);
  expect(Object.keys(TYPE_PROPERTIES).filter((name) => !all.includes(`"${name}":`))).toEqual([]);
  expect(EXAMPLES.filter(({ rows }) => rows.length > 0).length).toBeGreaterThan(20);
});
