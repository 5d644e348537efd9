// An import in words.
import { counted } from '../../core/counted.ts';
import type { ImportCounts } from '../../core/imports/import-counts.ts';
import { commandName } from '../print.ts';
import type { ImportJson } from './import-json.ts';

/** What became of it, and what to do now. */
export function summary(imp: ImportJson): string {
  const sluice = commandName();
  const lines = [`${imp.status}: ${describeCounts(imp.counts)}`];
  if (imp.dryRun && imp.status === 'succeeded')
    lines.push(`This was a dry run: nothing was written. To load it: ${sluice} commit ${imp.id}`);
  if (imp.error !== null) lines.push(`Reason: ${imp.error.message}`);
  if (imp.firstError !== null)
    lines.push(`First error: ${placeOf(imp.firstError)}: ${imp.firstError.message}`);
  if (imp.counts.errors > 1) lines.push(`All errors: ${sluice} errors ${imp.id}`);
  if (imp.counts.rejected > 0)
    lines.push(
      `Rejects, to mend and send again: ${sluice} rejects ${imp.id} -o rejects.csv`,
      `Then: ${sluice} retry ${imp.id} rejects.csv`,
    );
  return lines.join('\n');
}

function placeOf({ line, cell }: NonNullable<ImportJson['firstError']>): string {
  return cell === undefined ? `line ${line}` : `cell ${cell}`;
}

/** What every import has, and of the rest what is not zero. */
function describeCounts(counts: ImportCounts): string {
  const of = (count: number | null, what: string): string[] => (count ? [`${count} ${what}`] : []);
  const { inserted, updated, unchanged } = counts;
  const parts =
    updated + unchanged === 0
      ? ''
      : ` (${[...of(inserted, 'inserted'), ...of(updated, 'updated'), ...of(unchanged, 'unchanged')].join(', ')})`;
  return [
    counted(counts.records ?? 0, 'record'),
    `${counts.loaded} loaded${parts}`,
    ...of(counts.superseded, 'superseded'),
    `${counts.rejected} rejected (${counted(counts.errors, 'error')})`,
    ...of(counts.unprocessed, 'unprocessed'),
    ...of(counts.deleted, counts.deleted === 1 ? 'row deleted' : 'rows deleted'),
  ].join(', ');
}

/** Which sheet of a workbook, and what of it Excel does not show. */
function describeSheet(sheet: ImportJson['dialect']['sheet']): string | null {
  if (sheet === undefined || sheet === null) return null;
  const notes = [
    ...(sheet.isHidden ? ['hidden'] : []),
    ...(sheet.hiddenRows > 0 ? [`${counted(sheet.hiddenRows, 'hidden row')} among the records`] : []),
    ...(sheet.hiddenColumns > 0 ? [counted(sheet.hiddenColumns, 'hidden column')] : []),
    ...(sheet.otherSheets.length > 0 ? [`not read: ${sheet.otherSheets.join(', ')}`] : []),
  ];
  return [sheet.name, ...notes].join('; ');
}

/** All that one may want to know of it at a glance. */
export function describeImport(imp: ImportJson): string {
  const options = [
    imp.mode,
    ...(imp.onError === 'reject' ? [] : [`on error ${imp.onError}`]),
    ...(imp.maxErrors === null
      ? []
      : [`at most ${imp.maxErrors} ${imp.maxErrors === '1' ? 'reject' : 'rejects'}`]),
    ...(imp.dryRun ? ['dry run'] : []),
  ];
  const facts: [string, string | null][] = [
    ['dataset', imp.dataset],
    ['file', `${imp.fileName ?? '(no name)'}, ${counted(imp.bytes, 'byte')}, ${imp.encoding}`],
    ['sheet', describeSheet(imp.dialect.sheet)],
    ['options', options.join(', ')],
    [
      'sent',
      `${imp.createdAt}${imp.createdBy === null ? '' : ` by ${imp.createdBy.name ?? imp.createdBy.id}`}`,
    ],
    ['waits for', imp.waitingFor],
    ['ended', imp.finishedAt],
    ['retry of', imp.parentId],
    ['commit of', imp.commitOf],
    ['same file as', imp.duplicateOf],
    ['retries', imp.retries.length === 0 ? null : imp.retries.join(', ')],
    ['undo', imp.undo === null ? null : `${imp.undo.status} (task ${imp.undo.taskId})`],
  ];
  const known = facts.filter((fact): fact is [string, string] => fact[1] != null);
  const width = Math.max(...known.map(([name]) => name.length));
  return [
    `Import ${imp.id}`,
    ...known.map(([name, fact]) => `  ${name.padEnd(width)}  ${fact}`),
    summary(imp),
  ].join('\n');
}
