// Signatures as Standard Webhooks 1.0 has them (https://www.standardwebhooks.com).
import { createHmac } from 'node:crypto';

const SECRET_MARK = 'whsec_';
/** The specification asks for 24 to 64. */
export const SECRET_BYTES = 32;

/** @param random SECRET_BYTES fresh random bytes */
export function secretText(random: Uint8Array): string {
  return SECRET_MARK + Buffer.from(random).toString('base64');
}

interface SignedMessage {
  readonly id: string;
  /** Of the attempt, in whole seconds since 1970. */
  readonly timestamp: number;
  /** The body, as it is sent. */
  readonly body: string;
}

/** The headers of a delivery. @param secrets one, or two while the older one is still good: a receiver needs only one that fits */
export function signedHeaders(message: SignedMessage, secrets: readonly string[]): Record<string, string> {
  return {
    'webhook-id': message.id,
    'webhook-timestamp': String(message.timestamp),
    'webhook-signature': secrets.map((secret) => signature(message, secret)).join(' '),
  };
}

function signature({ id, timestamp, body }: SignedMessage, secret: string): string {
  const key = Buffer.from(secret.slice(SECRET_MARK.length), 'base64');
  return `v1,${createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64')}`;
}
