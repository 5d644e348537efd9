#!/usr/bin/env bash
# Node 22.23.5: of a zstd file with several frames zlib gives the first and leaves out the rest, without an error; Node 24.22.3 gives all.
#
# Usual guess: what `zstd -d` makes of a file, Node's zlib makes of it too. Frames one after the other are one file (RFC 8878, 3.1), as members of gzip
#   are, which zlib reads to the end in each version.
# What happens: zstdDecompressSync ends behind the first frame. The stream does so too when more frames are in the same chunk, and reads on when a chunk
#   ends where the frame does, so that the size of the chunks decides how much of the file is there. Newer versions of Node are right.
# What it costs: logs that are appended frame by frame, files put together with cat and files in the seekable format, which is made of frames, lose all
#   but the first part. The output is sound CSV or JSON lines, only short.
#
# Needs zstd 1.5.4 of Debian 12 (apt-get update). Output seen (two files, compressed, put together with cat; lines of 2):
#   zstd -d: 2
#   Node 22.23.5: sync 1, stream 1, stream cut between the frames 2, gunzip 2
#   Node 24.22.3: sync 2, stream 2, stream cut between the frames 2, gunzip 2
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
chmod 755 "$folder"
cd "$folder"
case $(uname -m) in aarch64 | arm64) cpu=arm64 ;; *) cpu=x64 ;; esac
apt-get download -qq zstd 2>/dev/null
dpkg -x zstd_*.deb .
echo 'one,1' | usr/bin/zstd -qc >one.zst
echo 'two,2' | usr/bin/zstd -qc >two.zst
cat one.zst two.zst >both.zst
for name in one,1 two,2; do echo "$name" | gzip; done >both.gz

cat >main.mjs <<'JS'
import { readFileSync } from 'node:fs';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import zlib from 'node:zlib';

const lines = (content) => content.toString().split('\n').length - 1;
const [one, both] = ['one.zst', 'both.zst'].map((name) => readFileSync(name));
const stream = async (chunks) => lines(await text(Readable.from(chunks).pipe(zlib.createZstdDecompress())));
const cut = await stream([one, both.subarray(one.length)]);
console.log(
  `Node ${process.versions.node}: sync ${lines(zlib.zstdDecompressSync(both))}, stream ${await stream([both])}, ` +
    `stream cut between the frames ${cut}, gunzip ${lines(zlib.gunzipSync(readFileSync('both.gz')))}`,
);
JS
{
  echo "zstd -d: $(usr/bin/zstd -qdc both.zst | wc -l)"
  for version in 22.23.5 24.22.3; do
    mkdir "$version"
    echo '{ "private": true }' >"$version/package.json"
    npm install --prefix "$version" --silent --no-audit --no-fund "node-linux-$cpu@$version"
    "$version/node_modules/node-linux-$cpu/bin/node" main.mjs
  done
} | tee found
diff found - <<'SEEN' || { echo 'This has changed.' >&2; exit 1; }
zstd -d: 2
Node 22.23.5: sync 1, stream 1, stream cut between the frames 2, gunzip 2
Node 24.22.3: sync 2, stream 2, stream cut between the frames 2, gunzip 2
SEEN
