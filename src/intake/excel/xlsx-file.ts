// An Excel workbook: a list of sheets, a part for each of them, and parts for styles and texts that they share.
import type { SheetContext } from '../../core/excel/sheet-parts.ts';
import { SheetReader } from '../../core/excel/sheet-reader.ts';
import { createSharedStringsReader } from '../../core/excel/shared-strings.ts';
import { StringStore, BLOCK_BYTES } from '../../core/excel/string-store.ts';
import { createStylesReader } from '../../core/excel/styles.ts';
import {
  partName,
  readRelationships,
  readWorkbook,
  type Relationship,
  type WorkbookEntry,
} from '../../core/excel/workbook.ts';
import { openScratchFile, type ScratchFile } from '../../storage/scratch.ts';
import type { SheetInfo, WorkbookLimits } from './messages.ts';
import type { Spreadsheet, WantedSheet } from './spreadsheet.ts';
import { readPart, type WorkbookArchive } from './workbook-archive.ts';

interface Sheet extends SheetInfo {
  /** Its part in the archive. */
  readonly part: string;
}

export class XlsxFile implements Spreadsheet {
  readonly sheets: readonly Sheet[];
  private readonly workbook: WorkbookEntry;
  private readonly archive: WorkbookArchive;
  private readonly related: readonly Relationship[];
  private readonly folder: string;
  private readonly limits: WorkbookLimits;
  private context: SheetContext | undefined;
  private scratch: ScratchFile | undefined;

  private constructor(
    archive: WorkbookArchive,
    limits: WorkbookLimits,
    path: string,
    parts: { related: readonly Relationship[]; workbook: WorkbookEntry },
  ) {
    this.archive = archive;
    this.limits = limits;
    this.folder = folderOf(path);
    this.related = parts.related;
    this.workbook = parts.workbook;
    this.sheets = parts.workbook.sheets.flatMap(({ name, isHidden, relationship }) => {
      const found = this.related.find(({ id, type }) => id === relationship && type === 'worksheet');
      // Charts and macros have sheets of their own, without cells.
      return found === undefined ? [] : { name, isHidden, part: partName(found.target, this.folder) };
    });
  }

  /** @throws AppError FILE_WORKBOOK, UPLOAD_INFLATES_TOO_FAR */
  static async open(archive: WorkbookArchive, limits: WorkbookLimits): Promise<XlsxFile> {
    const root = readPart('_rels/.rels', await archive.readSmall('_rels/.rels'), readRelationships);
    const main = root.find(({ type }) => type === 'officeDocument');
    const path = partName(main?.target ?? 'xl/workbook.xml', '');
    const relations = `${folderOf(path)}/_rels/${path.split('/').at(-1)}.rels`;
    return new XlsxFile(archive, limits, path, {
      related: readPart(relations, await archive.readSmall(relations), readRelationships),
      workbook: readPart(path, await archive.readSmall(path), readWorkbook),
    });
  }

  async *read(wanted: readonly WantedSheet[]): AsyncGenerator<void> {
    for (const { sheet, receiver, isDone } of wanted) {
      const { part } = this.sheets[sheet]!;
      const reader = new SheetReader((this.context ??= await this.readContext()), receiver);
      for await (const chunk of this.archive.read(part)) {
        readPart(part, chunk, (bytes) => reader.push(bytes));
        yield;
        if (isDone()) break;
      }
      if (!isDone()) readPart(part, null, (bytes) => reader.push(bytes));
    }
  }

  close(): void {
    this.scratch?.close();
    this.scratch = undefined;
  }

  private async readContext(): Promise<SheetContext> {
    const styles = createStylesReader();
    await this.readInto('styles', styles);
    const strings = this.openStrings();
    await this.readInto('sharedStrings', createSharedStringsReader(strings));
    const { dateSystem, isUncalculated } = this.workbook;
    return {
      styles: styles.styles(),
      prefixed: styles.prefixed(),
      strings,
      dateSystem,
      isUncalculated,
    };
  }

  private openStrings(): StringStore {
    const { workbookStringBytes, storageDir } = this.limits;
    return new StringStore(workbookStringBytes, () => {
      const file = (this.scratch = openScratchFile(storageDir));
      return {
        write: (block, bytes) => file.write(bytes, block * BLOCK_BYTES),
        read: (block, into) => file.read(into, block * BLOCK_BYTES),
      };
    });
  }

  private async readInto(type: string, reader: { push(chunk: Buffer | null): void }): Promise<void> {
    const relation = this.related.find((each) => each.type === type);
    if (relation !== undefined) await this.archive.readInto(partName(relation.target, this.folder), reader);
  }
}

function folderOf(path: string): string {
  return path.split('/').slice(0, -1).join('/');
}
