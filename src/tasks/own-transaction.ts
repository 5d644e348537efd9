// What the tasks of Sluice itself have beside `ctx.db`: its transaction as the functions of src/db take it.
import type { Tx } from '../db/transaction.ts';
import type { TaskContext, TaskTransaction } from './task-context.ts';

export interface OwnTransaction extends TaskTransaction {
  /** Begins the transaction if it has not begun. It is the worker's to end. */
  use<T>(work: (tx: Tx) => Promise<T>): Promise<T>;
}

/** What is done in it is done if and only if the task succeeds. */
export function inTaskTransaction<T>({ db }: TaskContext, work: (tx: Tx) => Promise<T>): Promise<T> {
  return (db as OwnTransaction).use(work);
}
