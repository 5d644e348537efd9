import type { ErrorItem } from '../errors.ts';

/** What is wrong, and where: `customers.json /schema/fields/0/name: must be a text, not 1.` */
export function sayProblem({ source, pointer, detail }: ErrorItem): string {
  const place = [typeof source === 'string' ? source : '', pointer ?? ''].filter((part) => part !== '');
  return place.length === 0 ? detail : `${place.join(' ')}: ${detail}`;
}
