// `npm run time-zones`: writes the rules of all time zones since 1970 into src/core/dataset/fields/readers/zone-table.ts, which is kept in the
// repository. They are those of the IANA database as moment-timezone has them; a newer version of it brings newer rules.
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { deflateRawSync } from 'node:zlib';
import { zoneTable } from './zone-table.mjs';

const TARGET = path.join(import.meta.dirname, '../../src/core/dataset/fields/readers/zone-table.ts');
const LINE_CHARS = 120;

const { version, lines } = zoneTable();
const packed = deflateRawSync(lines.join('\n'), { level: 9 }).toString('base64');

writeFileSync(
  TARGET,
  [
    '// Made by `npm run time-zones` of the IANA database of time zones, as moment-timezone has it; not to be changed by hand.',
    '',
    '/** The release of the database. */',
    `export const TABLE_VERSION = '${version}';`,
    '',
    '/** Lines (published-zones.ts), deflated, in base64. */',
    'export const ZONE_TABLE = [',
    ...packed.match(new RegExp(`.{1,${LINE_CHARS}}`, 'g')).map((line) => `  '${line}',`),
    "].join('');",
    '',
  ].join('\n'),
);
