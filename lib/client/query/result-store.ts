import type { EngineName } from './engine-names'
import type { QueryRequest, QueryResult } from '@/lib/query/engine'
import type { RunScope, StatementPosition } from '@/lib/query/statement/statements'

/** A stored run, without its rows. */
export type StoredEntry = { key: string; userId: string; storedAtMs: number; bytes: number }

/** The rows are streams of Arrow, one for each batch. */
export type StoredStatement = {
  request: QueryRequest
  position?: StatementPosition
  result: Omit<QueryResult, 'batches'>
  batches: readonly Uint8Array[]
}

export type StoredRun = {
  /** Runs that another version stored are not read. */
  format: number
  sql: string | null
  scope: RunScope
  engine: EngineName
  shown: number
  statements: readonly StoredStatement[]
}

/** Runs in the browser's own database, which pages of this origin share. */
export type ResultStore = {
  list(): Promise<StoredEntry[]>
  read(key: string): Promise<StoredRun | null>
  /** Stores a run in place of others, in one transaction. */
  replace(removedKeys: readonly string[], entry: StoredEntry, run: StoredRun): Promise<void>
  remove(keys: readonly string[]): Promise<void>
  clear(): Promise<void>
}

const DATABASE = 'lakeshore.query-results'
const ENTRIES = 'entries'
const RUNS = 'runs'

export const browserStore: ResultStore = {
  list: () => withStores('readonly', ({ entries }) => entries.getAll() as IDBRequest<StoredEntry[]>),
  read: async (key) =>
    (await withStores('readonly', ({ runs }) => runs.get(key) as IDBRequest<StoredRun | undefined>)) ?? null,
  replace: (removedKeys, entry, run) =>
    withStores('readwrite', ({ entries, runs }) => {
      for (const key of removedKeys) {
        entries.delete(key)
        runs.delete(key)
      }
      entries.put(entry)
      runs.put(run, entry.key)
    }),
  remove: (keys) =>
    withStores('readwrite', ({ entries, runs }) => {
      for (const key of keys) {
        entries.delete(key)
        runs.delete(key)
      }
    }),
  clear: () =>
    withStores('readwrite', ({ entries, runs }) => {
      entries.clear()
      runs.clear()
    }),
}

type Stores = { entries: IDBObjectStore; runs: IDBObjectStore }

/** Resolves when the transaction is complete. @throws {DOMException} if the storage is full or blocked */
async function withStores<T>(mode: IDBTransactionMode, work: (stores: Stores) => IDBRequest<T>): Promise<T>
async function withStores(mode: IDBTransactionMode, work: (stores: Stores) => void): Promise<void>
async function withStores(mode: IDBTransactionMode, work: (stores: Stores) => IDBRequest | void): Promise<unknown> {
  const database = await openResultDatabase()
  try {
    const transaction = database.transaction([ENTRIES, RUNS], mode)
    return await new Promise((resolve, reject) => {
      const request = work({ entries: transaction.objectStore(ENTRIES), runs: transaction.objectStore(RUNS) })
      transaction.addEventListener('complete', () => resolve(request?.result))
      transaction.addEventListener('abort', () => reject(transaction.error ?? new Error('the transaction was aborted')))
    })
  } finally {
    database.close()
  }
}

function openResultDatabase(): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(DATABASE, 1)
    request.addEventListener('upgradeneeded', () => {
      request.result.createObjectStore(ENTRIES, { keyPath: 'key' })
      request.result.createObjectStore(RUNS)
    })
    request.addEventListener('success', () => resolve(request.result))
    request.addEventListener('error', () => reject(request.error ?? new Error('the database did not open')))
  })
}
