// docs/errors.md against the tables of codes: none is missing, none is there that does not exist.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { ROW_ERROR_CODES } from '../src/core/imports/row-error.ts';
import { TASK_ERROR_CODES } from '../src/core/tasks/task-errors.ts';
import { ERROR_KINDS } from '../src/errors.ts';

interface Row {
  readonly code: string;
  readonly cells: readonly string[];
}

/** The rows of the tables below a heading, up to the next one as high. */
function rowsBelow(heading: string): Row[] {
  const page = readFileSync(new URL('../docs/errors.md', import.meta.url), 'utf8');
  const level = heading.indexOf(' ');
  const lines = page
    .slice(page.indexOf(`\n${heading}\n`) + 1)
    .split('\n')
    .slice(1);
  const end = lines.findIndex((line) => line.startsWith('#') && line.indexOf(' ') <= level);
  return lines.slice(0, end === -1 ? undefined : end).flatMap((line) => {
    const code = /^\| `([^`]+)` \|/.exec(line)?.[1];
    return code === undefined ? [] : [{ code, cells: line.split(' | ').slice(1) }];
  });
}

const codesOf = (rows: readonly Row[]): string[] => rows.map(({ code }) => code);

describe('docs/errors.md', () => {
  it('has each code of problems once, with its status', () => {
    const rows = rowsBelow('## Problems').filter(({ code }) => /^[A-Z]/.test(code));
    expect(codesOf(rows).sort()).toEqual(Object.keys(ERROR_KINDS).sort());
    for (const { code, cells } of rows)
      expect([code, Number(cells[0])]).toEqual([code, ERROR_KINDS[code as keyof typeof ERROR_KINDS].status]);
  });

  it.each(Object.entries(TASK_ERROR_CODES))('has each code of the task %s once', (task, codes) => {
    expect(codesOf(rowsBelow(`### ${task}`)).sort()).toEqual([...codes].sort());
  });

  it('has each code of row errors once', () => {
    expect(codesOf(rowsBelow('## Errors of a row')).sort()).toEqual([...ROW_ERROR_CODES].sort());
  });

  it('says of each what it means and what to do', () => {
    const rows = ['## Problems', '## Errors of a task', '## Errors of a row'].flatMap(rowsBelow);
    const thin = rows.filter(
      ({ cells }) => cells.length < 2 || cells.slice(-2).some((cell) => cell.length < 12),
    );
    expect(codesOf(thin)).toEqual([]);
  });

  it('names settings that there are', () => {
    const read = (path: string): string => readFileSync(new URL(path, import.meta.url), 'utf8');
    const settings = read('../README.md');
    const named = [...new Set(read('../docs/errors.md').match(/SLUICE_[A-Z_]+/g))];
    expect(named.filter((name) => !settings.includes(`\`${name}\``))).toEqual([]);
  });

  it('is linked from the list of pages', () => {
    expect(readFileSync(new URL('../docs/README.md', import.meta.url), 'utf8')).toContain('(errors.md)');
  });
});
