import type pg from 'pg';
import { databaseOn, type Tx } from '../../src/db/transaction.ts';

/** The transaction that a test has begun by itself on a connection, to look at it before it ends. */
export function transactionOn(client: pg.ClientBase): Tx {
  return databaseOn(client) as Tx;
}
