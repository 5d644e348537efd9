import type { ApiClient } from './client.ts';
import type { PageJson } from './import-json.ts';

/** The longest page the API gives. */
const PAGE = 200;

/** Entries of a list, page after page, `limit` at most. @returns whether there are more */
export async function* listPages<T>(
  client: ApiClient,
  path: string,
  query: Readonly<Record<string, string | undefined>>,
  limit: number,
): AsyncGenerator<T, boolean> {
  let cursor: string | null = null;
  for (let left = limit; ;) {
    const given = Object.entries(query).filter(([, value]) => value !== undefined) as [string, string][];
    const search = new URLSearchParams([...given, ['limit', String(Math.min(left, PAGE))]]);
    if (cursor !== null) search.set('cursor', cursor);
    const page: PageJson<T> = await client.json(`${path}?${search.toString()}`);
    yield* page.data;
    left -= page.data.length;
    cursor = page.nextCursor;
    if (cursor === null || left <= 0) return cursor !== null;
  }
}
