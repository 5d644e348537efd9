import { isIP } from 'node:net';
import { hostOf, isListed, isPublicAddress } from '../../outside/addresses.ts';
import { AppError } from '../../errors.ts';

/**
 * The URL of a webhook, as far as it can be judged before anything is sent: what its name resolves to is looked at with each delivery.
 * @throws AppError INVALID_REQUEST
 */
export function checkedUrl(text: string, privateHosts: readonly string[]): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || (url.protocol !== 'http:' && url.protocol !== 'https:'))
    throw refused('it must be an address of http or https, such as https://example.com/hooks');
  if (url.username !== '' || url.password !== '')
    throw refused(
      'it must not hold a user or a password: logs show it. Check the signature of deliveries instead',
    );
  const host = hostOf(url);
  const isInside = isIP(host) === 0 ? host === 'localhost' : !isPublicAddress(host);
  if (isInside && !isListed(host, privateHosts))
    throw refused(
      `the host "${host}" is not public. The operator can allow it (SLUICE_WEBHOOK_PRIVATE_HOSTS)`,
    );
  url.hash = '';
  return url.href;
}

function refused(detail: string): AppError {
  return new AppError(
    'INVALID_REQUEST',
    `The url is refused: ${detail}.`,
    {},
    { errors: [{ pointer: '/url', detail: `url: ${detail}` }] },
  );
}
