// @vitest-environment happy-dom
import { Table, vectorFromArray, Int64 } from 'apache-arrow'
import { beforeEach, expect, test } from 'vitest'
import { AppError } from '@/lib/errors'
import type { QueryRequest, QueryResult, ResultBatch } from '@/lib/query/engine'
import { toResultBatch } from '@/lib/query/session/result-rows'
import { stubApi } from '@/testing/components/stub-api'
import { EMPTY_RESULT } from '@/testing/components/sample-query-result'
import { NO_RUNS, type QueryRuns, type QueryRunState } from './query/query-run'
import type { ResultStore, StoredEntry, StoredRun } from './query/result-store'
import { MAX_STORED_RUN_BYTES, mightHaveStoredResults, STORED_RESULT_MS } from './query/stored-result-marker'
import { clearStoredResults, openStoredRun, removeStoredRun, storeRun } from './stored-results'
import { clearTabs } from './query/stored-tabs'

const api = stubApi()
beforeEach(() => {
  localStorage.clear()
  sessionStorage.clear()
})

const NOW_MS = Date.UTC(2026, 10, 21, 14, 3)
const FLIGHTS = { catalog: 'local', namespace: ['demo'], table: 'flights' }
const REQUEST: QueryRequest = { sql: 'select 1', cursor: 0, connection: 'local', connections: ['local'], maxRows: 10 }

/** A store in memory. Like the browser's, it stores copies. */
function createStore() {
  const entries = new Map<string, StoredEntry>()
  const runs = new Map<string, StoredRun>()
  const remove = (keys: readonly string[]) => {
    for (const key of keys) {
      entries.delete(key)
      runs.delete(key)
    }
  }
  const store: ResultStore = {
    list: async () => [...entries.values()],
    read: async (key) => runs.get(key) ?? null,
    replace: async (removedKeys, entry, run) => {
      remove(removedKeys)
      entries.set(entry.key, structuredClone(entry))
      runs.set(entry.key, structuredClone(run))
    },
    remove: async (keys) => remove(keys),
    clear: async () => remove([...entries.keys()]),
  }
  return { store, entries, runs }
}

function createBatch(values: bigint[]): ResultBatch {
  const [batch] = new Table({ n: vectorFromArray(values, new Int64()) }).batches
  if (!batch) throw new Error('no rows')
  return toResultBatch(batch, values.length)
}

function createResult(change: Partial<QueryResult> = {}): QueryResult {
  return {
    ...EMPTY_RESULT,
    columns: [{ name: 'n', type: 'long', sqlType: 'BIGINT' }],
    batches: [createBatch([9007199254740993n])],
    rowCount: 1,
    resultBytes: 8,
    tablesRead: [{ identifier: FLIGHTS, asOf: {}, snapshotId: '9007199254740993', committedAtMs: 1, views: [] }],
    ...change,
  }
}

const done = (result: QueryResult): QueryRunState => ({ status: 'done', request: REQUEST, result })
const runsOf = (...results: QueryResult[]): QueryRuns => ({ ...NO_RUNS, sql: 'select 1', states: results.map(done) })

/** The server lets the user read everything that is named. */
function allowReading() {
  api.mockImplementation((_endpoint, { snapshot }) => ({ ...PLAN, snapshotId: snapshot ?? null }))
}

const PLAN = {
  token: 't',
  expiresAtMs: NOW_MS,
  schema: { schemaId: 0, identifierFieldIds: [], fields: [] },
  defaults: [],
  nameMapping: null,
  committedAtMs: 1,
  fileCount: 0,
  rowCount: 0,
  totalBytes: 0,
  deleteFileCount: 0,
  deleteBytes: 0,
  files: [],
  deleteFiles: [],
}

const open = (store: ResultStore, { userId = 'u1', tabId = 't1', nowMs = NOW_MS } = {}) =>
  openStoredRun(userId, tabId, { store, nowMs })
const save = (store: ResultStore, runs: QueryRuns, { userId = 'u1', tabId = 't1', nowMs = NOW_MS } = {}) =>
  storeRun(userId, tabId, runs, { store, nowMs })

test('a result comes back exactly, with its tables at their snapshots', async () => {
  allowReading()
  const { store } = createStore()
  expect(await save(store, runsOf(createResult()))).toEqual([{ kind: 'stored', atMs: NOW_MS }])
  expect(mightHaveStoredResults('u1')).toBe(true)
  const opened = await open(store)
  if (opened.kind !== 'found') throw new Error(opened.kind)
  const [state] = opened.runs.states
  if (state?.status !== 'done') throw new Error('no result')
  expect(state.storage).toEqual({ kind: 'restored', atMs: NOW_MS })
  expect(state.result.batches[0]?.value(0, 0)).toBe(9007199254740993n)
  expect({ ...state.result, batches: [] }).toEqual({ ...createResult(), batches: [] })
  expect(opened.runs.sql).toBe('select 1')
})

test('a result is deleted when the user may no longer read a table at its snapshot, or a view', async () => {
  for (const code of ['not-found', 'forbidden'] as const) {
    const { store, entries } = createStore()
    await save(store, runsOf(createResult()))
    api.mockImplementation(() => {
      throw new AppError(code, 'no')
    })
    expect(await open(store)).toEqual({ kind: 'removed', storedAtMs: NOW_MS, source: 'demo.flights' })
    expect(entries.size).toBe(0)
    expect(await open(store)).toEqual({ kind: 'none' })
  }
  const { store, entries } = createStore()
  const viewsRead = [{ identifier: { ...FLIGHTS, table: 'late' }, dialect: 'duckdb' }]
  await save(store, runsOf(createResult({ viewsRead, tablesRead: [] })))
  expect(await open(store)).toMatchObject({ kind: 'removed', source: 'demo.late' })
  expect(entries.size).toBe(0)
})

test('a result is neither shown nor deleted while the server cannot say whether the user may read its tables', async () => {
  const { store, entries } = createStore()
  await save(store, runsOf(createResult()))
  api.mockImplementation(() => {
    throw new AppError('catalog-unavailable', 'The catalog does not respond.')
  })
  await expect(open(store)).rejects.toMatchObject({ code: 'catalog-unavailable' })
  expect(entries.size).toBe(1)
})

test('a result is only for the same tab of the same user, and for a day', async () => {
  allowReading()
  const { store, entries } = createStore()
  await save(store, runsOf(createResult()))
  expect(await open(store, { tabId: 't2' })).toEqual({ kind: 'none' })
  sessionStorage.clear()
  expect(await open(store), 'another browser tab').toEqual({ kind: 'none' })
  expect(entries.size).toBe(1)
  expect(await open(store, { userId: 'u2' })).toEqual({ kind: 'none' })
  expect(entries.size, 'another user has signed in').toBe(0)

  await save(store, runsOf(createResult()))
  expect(await open(store, { nowMs: NOW_MS + STORED_RESULT_MS - 1 })).toMatchObject({ kind: 'found' })
  expect(await open(store, { nowMs: NOW_MS + STORED_RESULT_MS })).toEqual({ kind: 'none' })
  expect(entries.size).toBe(0)
})

test('signing out removes the results, also those that were just being written', async () => {
  const { store, entries } = createStore()
  const nowMs = Date.now() - 1
  await save(store, runsOf(createResult()), { nowMs })
  await clearStoredResults(store)
  expect(entries.size).toBe(0)
  expect(mightHaveStoredResults('u1')).toBe(false)
  clearTabs('u1')
  await save(store, runsOf(createResult()), { nowMs })
  expect(entries.size).toBe(0)
})

test('the oldest results make room, and closing a tab removes its result', async () => {
  const { store, entries } = createStore()
  for (let i = 0; i < 12; i++) await save(store, runsOf(createResult()), { tabId: `t${i}`, nowMs: NOW_MS + i })
  expect([...entries.values()].map(({ storedAtMs }) => storedAtMs - NOW_MS)).toEqual([2, 3, 4, 5, 6, 7, 8, 9, 10, 11])
  await removeStoredRun('u1', 't5', store)
  expect(entries.size).toBe(9)
})

test('a result that is too large, reads files or no table is not stored, and replaces the last one of its tab', async () => {
  const { store, entries } = createStore()
  await save(store, runsOf(createResult()))
  const refused = async (change: Partial<QueryResult>) => (await save(store, runsOf(createResult(change))))[0]
  expect(await refused({ resultBytes: MAX_STORED_RUN_BYTES + 1 })).toEqual({ kind: 'refused', reason: 'too-large' })
  expect(entries.size).toBe(0)
  expect(await refused({ readsFiles: true })).toEqual({ kind: 'refused', reason: 'reads-files' })
  expect(await refused({ tablesRead: [] })).toEqual({ kind: 'refused', reason: 'no-tables' })
  const batches = [{ rowCount: 1, value: () => 1 }]
  expect(await refused({ batches })).toEqual({ kind: 'refused', reason: 'not-exact' })
})

test('a run of several statements stores those with a result, and shows the same one again', async () => {
  allowReading()
  const { store } = createStore()
  const runs = runsOf(createResult(), createResult({ readsFiles: true }), createResult({ rowCount: 7 }))
  const storages = await save(store, { ...runs, shown: 2 })
  expect(storages.map((storage) => storage?.kind)).toEqual(['stored', 'refused', 'stored'])
  const opened = await open(store)
  if (opened.kind !== 'found') throw new Error(opened.kind)
  expect(opened.runs.states).toHaveLength(2)
  expect(opened.runs.states[opened.runs.shown]).toMatchObject({ result: { rowCount: 7 } })
})

test('a browser without room for a result says so', async () => {
  const { store } = createStore()
  const full = { ...store, replace: () => Promise.reject(new DOMException('full', 'QuotaExceededError')) }
  expect(await save(full, runsOf(createResult()))).toEqual([{ kind: 'refused', reason: 'no-space' }])
})
