// An OpenDocument spreadsheet (.ods): all its sheets are in one part, one after the other.
import { readManifest } from '../../core/excel/ods/manifest.ts';
import { OdsReader, type OdsSheet } from '../../core/excel/ods/sheet-reader.ts';
import { createOdsStylesReader, OdsStyles } from '../../core/excel/ods/styles.ts';
import type { SheetReceiver } from '../../core/excel/sheet-parts.ts';
import { XmlProblem } from '../../core/excel/xml-problem.ts';
import { AppError } from '../../errors.ts';
import { documentOf, otherKind } from './is-workbook.ts';
import type { Spreadsheet, WantedSheet } from './spreadsheet.ts';
import { readPart, type WorkbookArchive } from './workbook-archive.ts';

const CONTENT = 'content.xml';
const STYLES = 'styles.xml';
const MANIFEST = 'META-INF/manifest.xml';
const MIMETYPE = 'mimetype';

export class OdsFile implements Spreadsheet {
  readonly sheets: readonly OdsSheet[];
  readonly #archive: WorkbookArchive;
  readonly #styles: OdsStyles;

  private constructor(archive: WorkbookArchive, styles: OdsStyles, sheets: readonly OdsSheet[]) {
    this.#archive = archive;
    this.#styles = styles;
    this.sheets = sheets;
  }

  /** @throws AppError FILE_WORKBOOK, UPLOAD_INFLATES_TOO_FAR; FILE_FORMAT for a document of another kind or with a password */
  static async open(archive: WorkbookArchive): Promise<OdsFile> {
    await refuseOther(archive);
    const styles = new OdsStyles();
    if (archive.has(STYLES)) await archive.readInto(STYLES, createOdsStylesReader(styles));
    const reader = new OdsReader(styles, () => undefined);
    for await (const _ of readContent(archive, reader));
    return new OdsFile(archive, styles, reader.sheets);
  }

  /** Sheets are not to be found without reading those before them: all are read in one go. */
  async *read(wanted: readonly WantedSheet[]): AsyncGenerator<void> {
    const receivers = new Map<number, SheetReceiver>(wanted.map(({ sheet, receiver }) => [sheet, receiver]));
    const reader = new OdsReader(this.#styles, (sheet, name) => {
      if (name !== this.sheets[sheet]?.name)
        throw new XmlProblem(`sheet "${name}" is not where its list of sheets has it`);
      return receivers.get(sheet);
    });
    for await (const _ of readContent(this.#archive, reader)) {
      yield;
      if (wanted.every(({ isDone }) => isDone())) return;
    }
  }

  /** The archive is all that is open. */
  close(): void {}
}

async function* readContent(archive: WorkbookArchive, reader: OdsReader): AsyncGenerator<void> {
  for await (const chunk of archive.read(CONTENT)) {
    readPart(CONTENT, chunk, (bytes) => reader.push(bytes));
    yield* run(reader);
  }
  readPart(CONTENT, null, (bytes) => reader.push(bytes));
  yield* run(reader);
}

function* run(reader: OdsReader): Generator<void> {
  while (readPart(CONTENT, null, () => reader.run())) yield;
  yield;
}

async function refuseOther(archive: WorkbookArchive): Promise<void> {
  const manifest = archive.has(MANIFEST)
    ? readPart(MANIFEST, await archive.readSmall(MANIFEST), readManifest)
    : { mediaType: undefined, isEncrypted: false };
  const said = archive.has(MIMETYPE)
    ? (await archive.readSmall(MIMETYPE)).toString('latin1').trim()
    : manifest.mediaType;
  const other = documentOf(said ?? '');
  if (other !== undefined) throw otherKind(other);
  if (manifest.isEncrypted || !archive.has(CONTENT))
    throw new AppError(
      'FILE_FORMAT',
      'The file is a LibreOffice workbook with a password. Save it without one (in LibreOffice: File, Save As, without "Save with password") and send that; nothing was kept.',
    );
}
