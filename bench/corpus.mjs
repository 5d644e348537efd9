// npm run bench -- --corpus FOLDER: holds the reader against CSV files with known tables. The folder is laid out as the
// Pollock benchmark of polluted CSV is (github.com/HPI-Information-Systems/Pollock): csv/NAME, clean/NAME (the table as
// plain RFC 4180, header first), parameters/NAME_parameters.json (dialect, header and preamble lines, columns).
// Each file goes through what an upload and its chunks go through, without server and database: stored with its dialect
// and header found, scanned into chunks, read, checked against a dataset of strings, turned into COPY text.
//   --way detected|given   the dialect is found, header and all (default), or told as the parameters say
//   --chunk-bytes N        size of chunks (default 4096: many a file has several)
//   --only TEXT            only files whose name holds TEXT
//   --json FILE            what became of each file
import { randomUUID } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import { parseArgs } from 'node:util';
import Papa from 'papaparse';
import { readOptions } from '../dist/intake/upload-options.js';
import { storeUpload } from '../dist/intake/store-upload.js';
import { describeBroken } from '../dist/core/csv/records/describe-broken.js';
import { refuseMisread } from '../dist/core/csv/dialect/misread.js';
import { readPlaces } from '../dist/core/csv/records/read-places.js';
import { readStretches } from '../dist/core/csv/records/records.js';
import { createChunkScanner } from '../dist/core/csv/chunks/scanner.js';
import { holdsUndecodable } from '../dist/core/csv/text/undecodable.js';
import { compileRows } from '../dist/core/dataset/rows/compile-rows.js';
import { AppError } from '../dist/errors.js';
import { createDiskStorage } from '../dist/storage/disk.js';
import { uploadKey } from '../dist/storage/keys.js';

const { values: options } = parseArgs({
  allowNegative: true,
  options: {
    corpus: { type: 'string' },
    way: { type: 'string', default: 'detected' },
    'chunk-bytes': { type: 'string', default: '4096' },
    only: { type: 'string', default: '' },
    json: { type: 'string' },
  },
});

const ROW_ID = Buffer.from('0190a6c2-0000-7000-8000-000000000000');

const LIMITS = {
  maxUploadBytes: 2 ** 40,
  maxInflateRatio: 1000,
  maxHeaderBytes: 1024 * 1024,
  maxColumns: 10_000,
  maxRecordBytes: 16 * 1024 * 1024,
  maxCellBytes: 16 * 1024 * 1024,
};

const folder = mkdtempSync(path.join(os.tmpdir(), 'sluice-corpus-'));
const storage = createDiskStorage(folder);
const outcomes = [];
for (const name of readdirSync(path.join(options.corpus, 'csv')).sort()) {
  if (!name.includes(options.only)) continue;
  outcomes.push(await judgeFile(name));
}
rmSync(folder, { recursive: true });
report(outcomes);

/** One file: exact, short (each record that is missing was reported), refused, or silent (something is wrong and nobody was told). */
async function judgeFile(name) {
  const expected = expectedTable(name);
  const importId = randomUUID();
  let read;
  try {
    read = await readFileAs(importId, name, expected);
  } catch (error) {
    if (!(error instanceof AppError)) throw new Error(`${name}: ${error.message}`, { cause: error });
    const isEmpty = error.code === 'FILE_EMPTY' || error.code === 'FILE_HEADER_ONLY';
    if (isEmpty && expected.records.length === 0)
      return {
        name,
        kind: 'exact',
        refused: error.code,
        scores: score(expected, { header: expected.header, landed: [] }),
      };
    return { name, kind: 'refused', refused: error.code, message: error.message, scores: Array(10).fill(0) };
  }
  const differences = compare(expected.records, read);
  const kind =
    differences.length > 0 ? 'silent' : read.landed.length === expected.records.length ? 'exact' : 'short';
  return {
    name,
    kind,
    dialect: read.dialect,
    expected: expected.records.length,
    landed: read.landed.length,
    rejected: read.rejected.length,
    differences: differences.slice(0, 5),
    scores: score(expected, read),
  };
}

/** The clean table, and how the file is to be read. */
function expectedTable(name) {
  const clean = readFileSync(path.join(options.corpus, 'clean', name), 'utf8').replace(/^\ufeff/, '');
  const parameters = JSON.parse(
    readFileSync(path.join(options.corpus, 'parameters', `${name}_parameters.json`), 'utf8'),
  );
  const rows = Papa.parse(clean, { delimiter: ',', newline: '\n' }).data;
  if (clean.endsWith('\n') || clean === '') rows.pop();
  const hasHeader = Number(parameters.header_lines) > 0;
  // Without a header the clean table may have a blank line or made-up names in its place.
  const first = rows[0]?.join(';') ?? '';
  const header = hasHeader || /^(?:\s*col_\d+;?)*$/.test(first) ? (rows.shift() ?? []) : [];
  return { header, records: rows, parameters };
}

async function readFileAs(importId, name, { header, records, parameters }) {
  const file = path.join(options.corpus, 'csv', name);
  const width =
    parameters.width ??
    records.reduce((most, { length }) => Math.max(most, length), Math.max(1, header.length));
  const titles = Array.from({ length: width }, (_, at) => header[at] ?? '');
  const dataset = stringDataset(titles);
  const upload = readOptions(optionsOf(parameters), {});
  const stored = await storeUpload(
    { storage, planner: { begin: () => undefined } },
    importId,
    { source: Readable.from([readFileSync(file)]) },
    dataset,
    upload,
    LIMITS,
    async () => undefined,
  );
  const bytes = readFileSync(path.join(folder, uploadKey(importId)));
  return {
    header: stored.columns.map((column) => column.header),
    dialect: stored.dialect,
    ...(await load(bytes, stored, dataset)),
  };
}

function optionsOf({ encoding, delimiter, quotechar, escapechar, header_lines, preamble_lines }) {
  const known = { CP949: 'euc-kr', latin1: 'windows-1252' };
  const raw = { dataset: 'corpus' };
  if (!/^(ascii|utf-8)/i.test(encoding)) raw.encoding = known[encoding] ?? encoding;
  const hasHeader = Number(header_lines) > 0;
  if (options.way === 'detected') return hasHeader ? raw : { ...raw, header: 'false' };
  return {
    ...raw,
    header: 'false',
    skipLines: String(Number(header_lines) + Number(preamble_lines)),
    delimiter: delimiter || ',',
    ...(quotechar === '' || quotechar === '"' ? {} : { quote: quotechar }),
    ...(escapechar === '' || (escapechar === '"' && quotechar !== "'") ? {} : { escape: escapechar }),
  };
}

/** Its labels are the clean header's; a blank or second one gets none of its own, so that such a header is refused. */
function stringDataset(titles) {
  const seen = new Set();
  const fields = titles.map((title, index) => {
    const folded = title.normalize('NFKC').trim().replace(/\s+/gu, ' ').toLowerCase();
    const isFree = folded !== '' && !seen.has(folded);
    seen.add(folded);
    return { name: `c${index + 1}`, type: 'string', ...(isFree ? { title } : {}) };
  });
  return { name: 'corpus', schema: { fields, missingValues: [] }, target: { table: 'corpus' } };
}

async function load(bytes, stored, dataset) {
  const scanner = createChunkScanner({
    dialect: stored.dialect,
    columns: stored.columns.length,
    header: stored.columns.map((column) => column.header),
    startByte: stored.dataStart,
    startLine: stored.dataLine,
    chunkBytes: Number(options['chunk-bytes']),
    limits: LIMITS,
  });
  const plan = [...scanner.push(bytes.subarray(stored.dataStart, stored.dataEnd)), ...scanner.end()];
  const { tableEnd } = scanner.totals;
  const misread = refuseMisread({ ...stored.dialect, ...(tableEnd && { tableEnd }) }, []);
  const undecodable = (line, lineEnd) =>
    holdsUndecodable(stored.undecodable, line, lineEnd) ? { errors: [{ code: 'encoding-error' }] } : null;
  const landed = [];
  const rejected = [];
  for (const chunk of plan) {
    const compiler = compileRows(dataset, stored.columns, {
      importId: 'i',
      createdBy: null,
      at: null,
      nextId: () => ROW_ID,
      maxCellBytes: LIMITS.maxCellBytes,
    });
    const lines = [];
    await readStretches(
      stored,
      chunk,
      async ({ startByte, endByte }) => Buffer.from(bytes.subarray(startByte, endByte)),
      {
        stretch(stretchBytes, stretch) {
          readPlaces(stretchBytes, stretch, stored.dialect, (cells, row, line, lineEnd) => {
            const refused =
              undecodable(line, lineEnd) ??
              misread(stretchBytes, cells, row, line, lineEnd) ??
              compiler.add(stretchBytes, cells, row, line, lineEnd);
            if (refused === null) lines.push({ row, line, lineEnd });
            else rejected.push({ row, line, lineEnd, errors: refused.errors });
          });
        },
        broken(record, rawText) {
          rejected.push({ ...record, errors: [describeBroken(record, [], rawText, LIMITS)] });
        },
      },
    );
    const text = Buffer.concat(compiler.take()[0]).toString();
    const rows = text === '' ? [] : text.slice(0, -1).split('\n');
    const width = dataset.schema.fields.length;
    const fed = stored.columns.flatMap(({ fieldIndex }) => (fieldIndex === null ? [] : [fieldIndex]));
    for (const [index, row] of rows.entries()) {
      const cells = Array(width).fill('');
      const copied = row.split('\t').slice(1, 1 + fed.length);
      for (const [at, field] of fed.entries()) cells[field] = decodeCopy(copied[at]);
      landed.push({ ...lines[index], cells });
    }
  }
  return { landed, rejected };
}

function decodeCopy(text) {
  if (text === '\\N') return '';
  const special = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v' };
  return text.replaceAll(/\\(.)/gs, (_, char) => special[char] ?? char);
}

/**
 * Walks both in order. A landed record must be the next expected one; expected ones may be passed over only where as many
 * lines, or more, were reported as rejected since the last one that landed.
 */
function compare(records, { landed, rejected }) {
  const differences = [];
  const texts = records.map((cells) => JSON.stringify(cells));
  let next = 0;
  let reject = 0;
  const reported = (line) => {
    let lines = 0;
    for (; reject < rejected.length && rejected[reject].line < line; reject++)
      lines += rejected[reject].lineEnd - rejected[reject].line + 1;
    return lines;
  };
  for (const { row, line, cells } of landed) {
    const allowed = reported(line);
    const at = texts.indexOf(JSON.stringify(cells), next);
    if (at === -1) differences.push({ what: 'changed or invented', row, line, cells });
    else {
      if (at - next > allowed)
        differences.push({ what: 'lost', before: { row, line }, lost: at - next, reported: allowed });
      next = at + 1;
    }
  }
  const allowed = reported(Infinity);
  if (texts.length - next > allowed)
    differences.push({ what: 'lost', before: 'the end', lost: texts.length - next, reported: allowed });
  return differences;
}

/** Pollock's ten measures: success; header, record, cell precision, recall, F1; on exact text, without its normalizing. */
function score({ header, records }, { header: readHeader, landed }) {
  const join = (cells) => cells.join('');
  const loaded = landed.map(({ cells }) => cells);
  const head = options.way === 'given' ? header : readHeader;
  if (records.length + header.length === 0) return Array(10).fill(1);
  return [
    1,
    ...(header.length === 0 ? [1, 1, 1] : overlap(header, head)),
    ...(records.length === 0 ? [1, 1, 1] : overlap(records.map(join), loaded.map(join))),
    ...overlap([...header, ...records.flat()], [...head, ...loaded.flat()]),
  ];
}

function overlap(source, loaded) {
  const counts = new Map();
  for (const text of source) counts.set(text, (counts.get(text) ?? 0) + 1);
  let common = 0;
  for (const text of loaded) {
    const left = counts.get(text) ?? 0;
    if (left === 0) continue;
    counts.set(text, left - 1);
    common++;
  }
  if (common === 0) return [0, 0, 0];
  const [precision, recall] = [common / source.length, common / loaded.length];
  return [precision, recall, (2 * precision * recall) / (precision + recall)];
}

function report(all) {
  const groups = new Map();
  for (const outcome of all) {
    const group = outcome.name.replaceAll(/\d+/g, 'N');
    const name = all.length > 500 && group.startsWith('file_') ? 'file_…' : group;
    const kinds = groups.get(name) ?? { exact: 0, short: 0, refused: 0, silent: 0 };
    kinds[outcome.kind]++;
    groups.set(name, kinds);
  }
  if (groups.size < 20) console.table(Object.fromEntries(groups));
  const count = (kind) => all.filter((outcome) => outcome.kind === kind).length;
  const means = Array.from(
    { length: 10 },
    (_, at) => all.reduce((sum, { scores }) => sum + scores[at], 0) / all.length,
  );
  const simple = means.reduce((sum, mean) => sum + mean, 0);
  console.log(
    `${options.way}: ${all.length} files: ${count('exact')} exact, ${count('short')} short with lines, ${count('refused')} refused, ${count('silent')} SILENT; Pollock score ${simple.toFixed(3)}`,
  );
  for (const { name, kind, differences, message, dialect } of all) {
    if (kind === 'silent')
      console.log(
        `SILENT ${name} ${JSON.stringify(dialect)} ${JSON.stringify(differences[0]).slice(0, 300)}`,
      );
    if (kind === 'refused') console.log(`refused ${name}: ${message.slice(0, 160)}`);
  }
  if (options.json !== undefined) writeFileSync(options.json, JSON.stringify(all, null, 1));
}
