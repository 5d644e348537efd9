#!/usr/bin/env bash
# tar 7.5.23 and tar-stream 3.2.2 (npm), on archives of GNU tar -S: a file with a hole comes out with another content, or not at all.
#
# Usual guess: what a reader of tar archives does not know is an error, and what it extracts without one is the file.
# What happens: `tar -S` keeps of a file with holes only what is between them, and a map. In GNU's own format tar-stream gives the
#   kept bytes as the whole file, and tar leaves the file out. In the posix format both take the map and the kept bytes for
#   the content of a file named GNUSparseFile.NUMBER/NAME. None of the four ends in an error or a warning. Python's tarfile reads both rightly.
# What it costs: scripts that make backups use -S for databases and disk images. One of their archives, unpacked by a service in Node,
#   loses a file or has a shorter one whose first lines are numbers.
#
# Needs GNU tar. Output seen:
#   the file: 1048582 bytes
#   gnu: tar-stream data.bin 6 bytes; tar no file, 0 warnings
#   posix: tar-stream GNUSparseFile.N/data.bin 518 bytes; tar GNUSparseFile.N/data.bin 518 bytes, 0 warnings
set -euo pipefail
tar --version | grep -q GNU || { echo 'This needs GNU tar.' >&2; exit 2; }
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true, "type": "module" }' >package.json
npm install --silent --no-audit --no-fund tar@7.5.23 tar-stream@3.2.2

truncate -s 1M data.bin
echo 2,Bob >>data.bin
for format in gnu posix; do
  tar --sparse --format="$format" -cf "$format.tar" data.bin
  mkdir "$format"
done

cat >main.js <<'JS'
import { createReadStream, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import * as tar from 'tar';
import { extract } from 'tar-stream';

const named = (name, bytes) => `${name.replace(/^\.\//, '').replace(/\.\d+\//, '.N/')} ${bytes} bytes`;
async function streamed(format) {
  const found = [];
  const entries = extract();
  createReadStream(`${format}.tar`).pipe(entries);
  for await (const entry of entries) {
    let bytes = 0;
    for await (const chunk of entry) bytes += chunk.length;
    found.push(named(entry.header.name, bytes));
  }
  return found.join(', ');
}
async function unpacked(format) {
  let warnings = 0;
  await tar.extract({ file: `${format}.tar`, cwd: format, onwarn: () => (warnings += 1) });
  const files = readdirSync(format, { recursive: true }).filter((name) => statSync(join(format, name)).isFile());
  return `${files.map((name) => named(name, statSync(join(format, name)).size)).join(', ') || 'no file'}, ${warnings} warnings`;
}
const lines = [`the file: ${statSync('data.bin').size} bytes`];
for (const format of ['gnu', 'posix']) lines.push(`${format}: tar-stream ${await streamed(format)}; tar ${await unpacked(format)}`);
console.log(lines.join('\n'));
const SPARSE = 'GNUSparseFile.N/data.bin 518 bytes';
const SEEN = ['the file: 1048582 bytes', 'gnu: tar-stream data.bin 6 bytes; tar no file, 0 warnings', `posix: tar-stream ${SPARSE}; tar ${SPARSE}, 0 warnings`];
if (lines.join() !== SEEN.join()) {
  console.error('This has changed.');
  process.exit(1);
}
JS
node main.js
