// A way to a server that a test can shut and open again: what is connected is cut, what comes is refused.
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

export interface TcpGate {
  /** The URL of the server with the gate's address in it. */
  readonly url: string;
  shut(): Promise<void>;
  open(): Promise<void>;
  /** From now on what is sent is taken, and nothing is answered, as by a server behind a cable that was pulled; `shut` ends it. */
  hold(): void;
  /** From now on cuts connections that have sent so many bytes, so many times. @returns tells how many were cut */
  cutAfter(bytes: number, times: number): () => number;
  /**
   * Waits for the next request that holds this text, lets the server do it, and shuts.
   * @param answer whether the client still hears of it
   */
  shutAfter(text: string, answer: 'answered' | 'unheard'): Promise<void>;
}

/** Opens a gate before the server of a URL. Shut it in the end. */
export async function openTcpGate(targetUrl: string): Promise<TcpGate> {
  const target = new URL(targetUrl);
  const sockets = new Set<Socket>();
  let server: Server;
  let port = 0;
  let isHeld = false;
  let cuts = { after: Infinity, left: 0, done: 0 };
  let last: { text: string; answer: 'answered' | 'unheard'; done: () => void } | undefined;

  function keep(socket: Socket): Socket {
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
    return socket.once('close', () => sockets.delete(socket));
  }
  async function open(): Promise<void> {
    isHeld = false;
    server = createServer((near) => {
      const far = keep(connect(Number(target.port), target.hostname));
      let ending: typeof last;
      let sent = 0;
      keep(near).on('data', (bytes: Buffer) => {
        if (isHeld) return;
        sent += bytes.length;
        if (sent >= cuts.after && cuts.left > 0) {
          cuts.left -= 1;
          cuts.done += 1;
          near.destroy();
          return;
        }
        if (last !== undefined && bytes.includes(last.text)) [ending, last] = [last, undefined];
        far.write(bytes);
      });
      far.on('data', (bytes: Buffer) => {
        if (isHeld) return;
        if (ending?.answer !== 'unheard') near.write(bytes);
        if (ending !== undefined) void shut('answered').then(ending.done);
      });
      near.once('close', () => far.destroy());
      far.once('close', () => near.destroySoon());
    });
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    port = (server.address() as AddressInfo).port;
  }
  async function shut(how: 'at once' | 'answered' = 'at once'): Promise<void> {
    server.close();
    for (const socket of sockets) {
      if (how === 'answered') socket.destroySoon();
      else socket.destroy();
    }
    if (server.listening) await once(server, 'close');
  }

  await open();
  const url = new URL(targetUrl);
  url.host = `127.0.0.1:${port}`;
  return {
    url: url.href,
    shut: () => shut(),
    open,
    hold: () => void (isHeld = true),
    cutAfter(bytes, times) {
      const own = (cuts = { after: bytes, left: times, done: 0 });
      return () => own.done;
    },
    shutAfter: (text, answer) => new Promise((done) => (last = { text, answer, done })),
  };
}
