// A receiver of webhooks, on loopback.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

export interface Received {
  readonly id: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly event: {
    readonly type: string;
    readonly timestamp: string;
    readonly data: Readonly<Record<string, unknown>>;
  };
}

export interface Receiver {
  readonly url: string;
  readonly received: Received[];
  /** How each delivery is answered; 204 at first. */
  answers(how: (request: IncomingMessage, response: ServerResponse, received: Received) => void): void;
  close(): Promise<void>;
}

/** @param port one that was used before, for a receiver that comes back */
export async function openReceiver(port = 0): Promise<Receiver> {
  const received: Received[] = [];
  let answer: Parameters<Receiver['answers']>[0] = (_request, response) => response.writeHead(204).end();
  const receive = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = await text(request);
    const one = {
      id: String(request.headers['webhook-id']),
      headers: request.headers as Record<string, string>,
      body,
      event: JSON.parse(body) as Received['event'],
    };
    received.push(one);
    answer(request, response, one);
  };
  // A sender that goes in the middle has sent nothing.
  const server = createServer((request, response) => void receive(request, response).catch(() => undefined));
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hooks`,
    received,
    answers: (how) => void (answer = how),
    close: () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      return closed;
    },
  };
}
