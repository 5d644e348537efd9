// The thread that reads a workbook, so that the API goes on answering. What piscina calls.
import { on } from 'node:events';
import type { MessagePort } from 'node:worker_threads';
import type { MergedRange, SheetReceiver } from '../../core/excel/sheet-parts.ts';
import { SheetWriter, type TableLayout } from '../../core/excel/sheet-writer.ts';
import { AppError } from '../../errors.ts';
import { openStorage } from '../../storage/open-storage.ts';
import { InflateGuard } from '../inflate-guard.ts';
import { PIECES_AHEAD, type Answer, type Question, type SheetFacts, type WorkbookOrder } from './messages.ts';
import { OdsFile } from './ods-file.ts';
import type { Spreadsheet, WantedSheet } from './spreadsheet.ts';
import { WorkbookArchive, workbookBroken } from './workbook-archive.ts';
import { XlsxFile } from './xlsx-file.ts';

/** Answers questions until the port is closed. */
export default async function readWorkbook(order: WorkbookOrder): Promise<void> {
  const { port, limits } = order;
  let archive: WorkbookArchive | undefined;
  let file: Spreadsheet | undefined;
  try {
    archive = await WorkbookArchive.open(openStorage(limits), order);
    file = await (archive.kind === 'ods' ? OdsFile.open(archive) : XlsxFile.open(archive, limits));
    await answer(port, order, file);
  } catch (error) {
    say(port, failed(error));
  } finally {
    file?.close();
    archive?.close();
    port.close();
  }
}

async function answer(port: MessagePort, order: WorkbookOrder, file: Spreadsheet): Promise<void> {
  const questions = on(port, 'message', { close: ['close'] }) as AsyncIterableIterator<[Question]>;
  const sheets = file.sheets.map(({ name, isHidden }) => ({ name, isHidden }));
  say(port, { say: 'sheets', sheets });
  for await (const [question] of questions)
    switch (question.ask) {
      case 'heads':
        say(port, { say: 'heads', heads: await readHeads(file, question.sheets, question.layout) });
        break;
      case 'text':
        await writeText(port, order, file, question.sheet, question.layout, questions);
        return;
      case 'more':
    }
}

/** The first row of each sheet that is not skipped; null for one without. */
async function readHeads(
  file: Spreadsheet,
  sheets: readonly number[],
  layout: TableLayout,
): Promise<(string[] | null)[]> {
  const heads = new Map<number, string[]>();
  const wanted = sheets.map((sheet): WantedSheet => {
    const writer = new SheetWriter(layout, () => undefined);
    const row: SheetReceiver['row'] = (number, cells) => {
      const head = !heads.has(sheet) && writer.row(number, cells) ? writer.head() : undefined;
      if (head !== undefined) heads.set(sheet, head);
    };
    const receiver = { row, hiddenColumns: () => undefined, merged: () => undefined };
    return { sheet, receiver, isDone: () => heads.has(sheet) };
  });
  for await (const _ of file.read(wanted));
  return sheets.map((sheet) => heads.get(sheet) ?? null);
}

async function writeText(
  port: MessagePort,
  { bytes: packed, limits }: WorkbookOrder,
  file: Spreadsheet,
  sheet: number,
  layout: TableLayout,
  questions: AsyncIterableIterator<[Question]>,
): Promise<void> {
  let ahead = 0;
  const ready: Buffer[] = [];
  const guard = new InflateGuard('workbook', limits);
  const writer = new SheetWriter(layout, (bytes) => {
    guard.count(bytes.length, packed);
    ready.push(bytes);
  });
  /** @returns false when nobody wants more */
  const give = async (): Promise<boolean> => {
    for (const bytes of ready.splice(0)) {
      while (ahead >= PIECES_AHEAD) {
        if ((await questions.next()).done === true) return false;
        ahead--;
      }
      ahead++;
      say(port, { say: 'text', bytes, firstColumn: writer.firstColumn }, [bytes.buffer as ArrayBuffer]);
    }
    return true;
  };
  const facts = { hiddenRows: 0, hiddenColumns: 0, merged: [] as MergedRange[] };
  const receiver: SheetReceiver = {
    row(row, cells, isHidden) {
      if (writer.row(row, cells) && isHidden && row > layout.skipLines) facts.hiddenRows++;
    },
    hiddenColumns(first, last) {
      if (last >= first) facts.hiddenColumns += last - first + 1;
    },
    merged(range) {
      if (range.lastRow <= layout.skipLines) return;
      if (facts.merged.push(range) > limits.maxMergedRanges)
        throw workbookBroken(
          `has more than ${limits.maxMergedRanges} merged ranges of cells in sheet "${file.sheets[sheet]!.name}" (SLUICE_MAX_MERGED_RANGES). Unmerge them`,
        );
    },
  };
  for await (const _ of file.read([{ sheet, receiver, isDone: () => false }])) if (!(await give())) return;
  writer.end();
  if (!(await give())) return;
  const found: SheetFacts = { ...facts, firstColumn: writer.firstColumn, textColumns: writer.textColumns() };
  say(port, { say: 'end', facts: found });
}

function say(port: MessagePort, answer: Answer, transfer: ArrayBuffer[] = []): void {
  port.postMessage(answer, transfer);
}

/** yauzl says in plain errors what is wrong with an archive; a failure of the disk has a code and stays what it is. */
function failed(error: unknown): Answer {
  const { code: cause, message } = error as NodeJS.ErrnoException;
  const told =
    error instanceof AppError || (cause !== undefined && !cause.startsWith('Z_'))
      ? error
      : workbookBroken(`is damaged or was cut off: ${message.replace(/[.\s]+$/, '')}`);
  return told instanceof AppError
    ? { say: 'failed', message: told.message, code: told.code, params: told.params }
    : { say: 'failed', message };
}
