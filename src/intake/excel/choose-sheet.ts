// Which sheet of a workbook is meant: the one that is named, the only one that can be, or the only one that fits the dataset.
import type { TableLayout } from '../../core/excel/sheet-writer.ts';
import type { Dataset } from '../../core/dataset/types.ts';
import { AppError } from '../../errors.ts';
import { tableEvidence } from '../match-columns.ts';
import type { LooseOptions } from '../upload-options.ts';
import type { SheetInfo } from './messages.ts';
import type { OpenedWorkbook } from './workbooks.ts';

/** Of more sheets the sender is asked at once. */
const MOST_LOOKED_AT = 50;
const MOST_NAMED = 20;
const MOST_CELLS = 20;

interface Candidate {
  readonly at: number;
  readonly head: readonly string[];
}

/** @returns the place of the sheet @throws AppError FILE_SHEET */
export async function chooseSheet(
  workbook: Pick<OpenedWorkbook, 'sheets' | 'heads'>,
  layout: TableLayout,
  dataset: Dataset | undefined,
  options: LooseOptions,
  limits: { readonly maxColumns: number },
): Promise<number> {
  const { sheets } = workbook;
  const shown = [...sheets.keys()].filter((at) => !sheets[at]!.isHidden);
  if (options.sheet !== undefined) return findNamed(sheets, shown, options.sheet);
  if (shown.length === 0) throw noSheet(sheets);
  if (shown.length === 1) return shown[0]!;
  const looked = shown.slice(0, MOST_LOOKED_AT);
  const heads = await workbook.heads(looked, layout);
  const filled = looked.flatMap((at, index): Candidate[] => {
    const head = heads[index] ?? null;
    return head === null ? [] : [{ at, head }];
  });
  if (filled.length <= 1 && looked.length === shown.length) return filled[0]?.at ?? shown[0]!;
  const fits = dataset && tableEvidence(dataset, options, limits).fits;
  const fitting = fits === undefined ? filled : filled.filter(({ head }) => fits(head));
  if (fitting.length === 1 && looked.length === shown.length) return fitting[0]!.at;
  throw several(
    sheets,
    fitting.length > 1 ? fitting : filled,
    fitting.length > 1 && fits !== undefined,
    dataset,
  );
}

function findNamed(sheets: readonly SheetInfo[], shown: readonly number[], said: string): number {
  const fold = (name: string): string => name.normalize('NFC').trim().toLowerCase();
  const exact = sheets.findIndex(({ name }) => name === said);
  if (exact !== -1) return exact;
  // Excel does not tell names apart that differ in case alone.
  const alike = sheets.findIndex(({ name }) => fold(name) === fold(said));
  if (alike !== -1) return alike;
  const numbered = /^[1-9]\d{0,4}$/.test(said.trim()) ? shown[Number(said) - 1] : undefined;
  if (numbered !== undefined) return numbered;
  throw new AppError(
    'FILE_SHEET',
    `The workbook has no sheet "${said.slice(0, 100)}". Its sheets are ${namesOf(sheets)}. Send sheet= with one of these names, or with a number from 1 to ${shown.length}.`,
    { sheets: sheets.slice(0, MOST_NAMED).map(({ name }) => name) },
  );
}

function several(
  sheets: readonly SheetInfo[],
  candidates: readonly Candidate[],
  areFitting: boolean,
  dataset: Dataset | undefined,
): AppError {
  const names = candidates.map(({ at }) => sheets[at]!);
  return new AppError(
    'FILE_SHEET',
    `The workbook has several sheets with rows: ${namesOf(names)}. ${ofHeaders(dataset, areFitting)}Say which one is meant: sheet="${names[0]?.name ?? ''}", by name or by number.`,
    {
      sheets: sheets.slice(0, MOST_NAMED).map(({ name }) => name),
      candidates: candidates.slice(0, MOST_NAMED).map(({ at, head }) => ({
        options: { sheet: sheets[at]!.name },
        header: head.slice(0, MOST_CELLS),
      })),
    },
  );
}

function ofHeaders(dataset: Dataset | undefined, areFitting: boolean): string {
  if (dataset === undefined) return '';
  return areFitting
    ? `The headers of all of them fit dataset "${dataset.name}". `
    : `None of their headers fits dataset "${dataset.name}". `;
}

function noSheet(sheets: readonly SheetInfo[]): AppError {
  return new AppError(
    'FILE_SHEET',
    sheets.length === 0
      ? 'The workbook has no sheet with cells. Send one that has; nothing was kept.'
      : `All sheets of the workbook are hidden: ${namesOf(sheets)}. Send sheet= with the name of the one that is meant.`,
    { sheets: sheets.slice(0, MOST_NAMED).map(({ name }) => name) },
  );
}

function namesOf(sheets: readonly SheetInfo[]): string {
  const names = sheets
    .slice(0, MOST_NAMED)
    .map(({ name, isHidden }) => `"${name}"${isHidden ? ' (hidden)' : ''}`);
  return [...names, ...(sheets.length > MOST_NAMED ? ['…'] : [])].join(', ');
}
