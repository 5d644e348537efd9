// A workbook becomes the text of one of its sheets.
import type { TableLayout } from '../../core/excel/sheet-writer.ts';
import { tellsNull } from '../../core/csv/types.ts';
import type { Dataset } from '../../core/dataset/types.ts';
import { columnsWithoutHeader } from '../match-columns.ts';
import { wrong } from '../options/option.ts';
import type { LooseOptions } from '../upload-options.ts';
import { chooseSheet } from './choose-sheet.ts';
import type { SheetFacts } from './messages.ts';
import type { OpenSheet } from './open-sheet.ts';
import type { OpenedWorkbook } from './workbooks.ts';

const NOT_FOR_WORKBOOKS = 'is about text files, and the file is a workbook. Leave it out';
const TEXT_OPTIONS = ['delimiter', 'quote', 'escape', 'comment', 'encoding'] as const;

/**
 * Gives the text of the sheet that the options mean, or that fits the dataset.
 * @param dataset undefined: it is only looked at
 * @param onStart is told which before the first of it
 * @returns the sheet with all that is known of it
 * @throws AppError FILE_SHEET, FILE_WORKBOOK, UPLOAD_INFLATES_TOO_FAR; INVALID_REQUEST for an option about texts
 */
export async function* readSheetText(
  workbook: OpenedWorkbook,
  dataset: Dataset | undefined,
  options: LooseOptions,
  limits: { readonly maxColumns: number },
  onStart: (sheet: OpenSheet) => void,
): AsyncGenerator<Buffer, OpenSheet> {
  try {
    refuseTextOptions(options);
    const layout = layoutOf(dataset, options, limits);
    const chosen = await chooseSheet(workbook, layout, dataset, options, limits);
    const { name, isHidden } = workbook.sheets[chosen]!;
    const otherSheets = workbook.sheets.filter((_, at) => at !== chosen).map((sheet) => sheet.name);
    const begun = { name, isHidden, hiddenRows: 0, hiddenColumns: 0, merged: [], otherSheets };
    const facts: SheetFacts = yield* workbook.text(chosen, layout, (firstColumn) =>
      onStart({ ...begun, firstColumn }),
    );
    return {
      ...begun,
      ...facts,
      merged: facts.merged.map(
        ({ firstRow, firstColumn, lastRow, lastColumn }) =>
          [firstRow, firstColumn, lastRow, lastColumn] as const,
      ),
    };
  } finally {
    await workbook.close();
  }
}

function refuseTextOptions(options: LooseOptions): void {
  const said = TEXT_OPTIONS.find((name) => (options[name] ?? 'utf-8') !== 'utf-8' && options[name] !== null);
  if (said !== undefined) throw wrong(said, NOT_FOR_WORKBOOKS);
  if ((options.databaseText ?? null) !== null) throw wrong('dialect', NOT_FOR_WORKBOOKS);
}

function layoutOf(
  dataset: Dataset | undefined,
  options: LooseOptions,
  limits: { readonly maxColumns: number },
): TableLayout {
  const { header, headerRows, skipLines } = options;
  const isWide = !header && dataset !== undefined;
  const parent = options.retryOf?.dialect;
  return {
    ...(parent !== undefined && tellsNull(parent) ? { tellsNull: true } : {}),
    header,
    headerRows,
    skipLines,
    columns: isWide ? columnsWithoutHeader(dataset, options, limits).columns.length : undefined,
  };
}
