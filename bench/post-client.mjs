// Sends one POST after the other on each of N kept connections for a while, and counts the answers; as poll-client.mjs does with GET.
//   node post-client.mjs URL CONNECTIONS MS BODY [HEADER: VALUE]…      prints answers per second
import { once } from 'node:events';
import { connect } from 'node:net';

const [address, connections, ms, body, ...headers] = process.argv.slice(2);
const url = new URL(address);
const lines = [
  `host: ${url.host}`,
  'content-type: application/json',
  `content-length: ${Buffer.byteLength(body)}`,
  ...headers,
];
const request = `POST ${url.pathname} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n${body}`;
let answers = 0;
let until = Infinity;

async function post() {
  const socket = connect(Number(url.port), url.hostname).setNoDelay(true).setEncoding('latin1');
  await once(socket, 'connect');
  let text = '';
  socket.write(request);
  for await (const part of socket) {
    text += part;
    const head = text.indexOf('\r\n\r\n');
    if (head < 0) continue;
    if (!text.startsWith('HTTP/1.1 202 ')) throw new Error(`Not 202: ${text}`);
    const length = Number(/\r\ncontent-length: (\d+)/i.exec(text.slice(0, head + 2))?.[1] ?? 0);
    if (text.length < head + 4 + length) continue;
    text = '';
    answers++;
    if (performance.now() >= until) break;
    socket.write(request);
  }
  socket.destroy();
}

const began = performance.now();
until = began + Number(ms);
await Promise.all(Array.from({ length: Number(connections) }, post));
console.log(Math.round((answers / (performance.now() - began)) * 1000));
