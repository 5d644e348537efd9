// Sends a file as the body of one POST and prints the milliseconds until the answer. A process of its own, as a client is.
//   node upload-client.mjs URL FILE raw|multipart [HEADER: VALUE]…
import { createReadStream, statSync } from 'node:fs';
import { request } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { Readable } from 'node:stream';

const [url, file, kind, ...headerLines] = process.argv.slice(2);
const BOUNDARY = 'bench-boundary-bench-boundary';
const before =
  kind === 'multipart'
    ? `--${BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="bench.csv"\r\nContent-Type: text/csv\r\n\r\n`
    : '';
const after = kind === 'multipart' ? `\r\n--${BOUNDARY}--\r\n` : '';

async function* body() {
  if (before !== '') yield Buffer.from(before);
  yield* createReadStream(file, { highWaterMark: 256 * 1024 });
  if (after !== '') yield Buffer.from(after);
}

const began = performance.now();
const post = request(url, {
  method: 'POST',
  headers: {
    'content-type': kind === 'multipart' ? `multipart/form-data; boundary=${BOUNDARY}` : 'text/csv',
    'content-length': statSync(file).size + before.length + after.length,
    ...Object.fromEntries(headerLines.map((line) => line.split(': '))),
  },
});
const answered = new Promise((resolve, reject) => post.once('response', resolve).once('error', reject));
await pipeline(Readable.from(body(), { objectMode: false, highWaterMark: 256 * 1024 }), post);
const response = await answered;
response.resume();
if (response.statusCode !== 202) throw new Error(`Not 202 but ${response.statusCode}`);
console.log(performance.now() - began);
