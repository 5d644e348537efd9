// The thread that reads a workbook, so that the API goes on answering. What piscina calls.
import { on } from 'node:events';
import type { MessagePort } from 'node:worker_threads';
import { SheetReader, type MergedRange, type SheetContext } from '../../core/excel/sheet-reader.ts';
import { SheetWriter, type TableLayout } from '../../core/excel/sheet-writer.ts';
import { AppError } from '../../errors.ts';
import { openStorage } from '../../storage/open-storage.ts';
import { InflateGuard } from '../inflate-guard.ts';
import { PIECES_AHEAD, type Answer, type Question, type SheetFacts, type WorkbookOrder } from './messages.ts';
import { readPart, workbookBroken, WorkbookFile, type Sheet } from './workbook-file.ts';

/** Answers questions until the port is closed. */
export default async function readWorkbook(order: WorkbookOrder): Promise<void> {
  const { port } = order;
  let file: WorkbookFile | undefined;
  try {
    file = await WorkbookFile.open(openStorage(order.limits), order);
    await answer(port, order, file);
  } catch (error) {
    say(port, failed(error));
  } finally {
    file?.close();
    port.close();
  }
}

async function answer(port: MessagePort, order: WorkbookOrder, file: WorkbookFile): Promise<void> {
  const questions = on(port, 'message', { close: ['close'] }) as AsyncIterableIterator<[Question]>;
  const sheets = file.sheets.map(({ name, isHidden }) => ({ name, isHidden }));
  say(port, { say: 'sheets', sheets });
  let context: SheetContext | undefined;
  const open = async (): Promise<SheetContext> =>
    (context ??= {
      styles: await file.readStyles(),
      strings: await file.readStrings(),
      dateSystem: file.dateSystem,
    });
  for await (const [question] of questions)
    switch (question.ask) {
      case 'heads': {
        const heads = [];
        for (const sheet of question.sheets)
          heads.push(await readHead(file, file.sheets[sheet]!, question.layout, await open()));
        say(port, { say: 'heads', heads });
        break;
      }
      case 'text':
        await writeText(
          port,
          order,
          file,
          file.sheets[question.sheet]!,
          question.layout,
          await open(),
          questions,
        );
        return;
      case 'more':
    }
}

/** The first row of a sheet that is not skipped. */
async function readHead(
  file: WorkbookFile,
  sheet: Sheet,
  layout: TableLayout,
  context: SheetContext,
): Promise<string[] | null> {
  const writer = new SheetWriter(layout, () => undefined);
  let head: string[] | undefined;
  const reader = new SheetReader(context, {
    row(row, cells) {
      if (head === undefined && writer.row(row, cells)) head = writer.head();
    },
    hiddenColumns: () => undefined,
    merged: () => undefined,
  });
  for await (const chunk of file.readSheet(sheet)) {
    readPart(sheet.part, chunk, (bytes) => reader.push(bytes));
    if (head !== undefined) return head;
  }
  return null;
}

async function writeText(
  port: MessagePort,
  { bytes: packed, limits }: WorkbookOrder,
  file: WorkbookFile,
  sheet: Sheet,
  layout: TableLayout,
  context: SheetContext,
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
  const reader = new SheetReader(context, {
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
          `has more than ${limits.maxMergedRanges} merged ranges of cells in sheet "${sheet.name}" (SLUICE_MAX_MERGED_RANGES). Unmerge them`,
        );
    },
  });
  for await (const chunk of file.readSheet(sheet)) {
    readPart(sheet.part, chunk, (bytes) => reader.push(bytes));
    if (!(await give())) return;
  }
  readPart(sheet.part, null, (bytes) => reader.push(bytes));
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
