// How many keys that open nothing an address may send: beyond it, keys are refused without asking Postgres for them.
import { AppError } from '../../errors.ts';
import type { Logger } from '../../logger.ts';

const WINDOW_MS = 60_000;
const MOST_ADDRESSES = 10_000;

interface Tally {
  readonly until: number;
  bad: number;
  /** Keys that are being looked up. */
  asked: number;
}

export class BadKeyLimit {
  readonly #perMinute: number;
  readonly #logger: Logger;
  readonly #tallies = new Map<string, Tally>();

  /** @param perMinute 0 sets no limit */
  constructor(perMinute: number, logger: Logger) {
    this.#perMinute = perMinute;
    this.#logger = logger;
  }

  /**
   * Before a key is looked up. Call what it returns when it is known whether the key is good.
   * @throws AppError RATE_LIMITED
   */
  begin(address: string): (isGood: boolean) => void {
    if (this.#perMinute === 0) return () => undefined;
    const tally = this.#tallyOf(networkOf(address));
    if (tally.bad + tally.asked >= this.#perMinute) throw tooManyBadKeys(tally);
    tally.asked++;
    return (isGood) => {
      tally.asked--;
      if (isGood || ++tally.bad !== this.#perMinute) return;
      this.#logger.warn(
        { address, badKeys: tally.bad },
        'an address has sent too many invalid keys; it is refused for the rest of the minute',
      );
    };
  }

  #tallyOf(network: string): Tally {
    const now = Date.now();
    const known = this.#tallies.get(network);
    if (known !== undefined && now < known.until) return known;
    if (this.#tallies.size >= MOST_ADDRESSES) this.#forgetOld(now);
    const tally = { until: now + WINDOW_MS, bad: 0, asked: known?.asked ?? 0 };
    this.#tallies.delete(network);
    this.#tallies.set(network, tally);
    return tally;
  }

  /** In the order of their ends: a map keeps the order in which it was filled. */
  #forgetOld(now: number): void {
    for (const [network, { until }] of this.#tallies) {
      if (now < until && this.#tallies.size < MOST_ADDRESSES) return;
      this.#tallies.delete(network);
    }
  }
}

function tooManyBadKeys({ until }: Tally): AppError {
  const seconds = Math.max(1, Math.ceil((until - Date.now()) / 1000));
  return new AppError(
    'RATE_LIMITED',
    `This address has sent too many invalid keys. Try again in ${seconds} s with a valid one.`,
    { retryAfterSeconds: seconds },
  );
}

/** An IPv4 address, or the first half of an IPv6 address, which is one customer's: all the others in it are theirs. */
function networkOf(text: string): string {
  const address = withoutPort(text);
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped !== undefined || !address.includes(':')) return mapped ?? address;
  const [head = '', tail] = address.split('%', 1)[0]!.split('::');
  const groups = head === '' ? [] : head.split(':');
  const after = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = Array.from({ length: Math.max(0, 8 - groups.length - after.length) }, () => '0');
  return [...groups, ...zeros, ...after].slice(0, 4).join(':');
}

/** Some proxies write the port too, which is another one for each connection: `203.0.113.1:5000`, `[2001:db8::1]:5000`. */
function withoutPort(text: string): string {
  return /^(\d+(?:\.\d+){3}):\d+$/.exec(text)?.[1] ?? /^\[([^\]]+)\](?::\d+)?$/.exec(text)?.[1] ?? text;
}
