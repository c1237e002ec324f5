import { AppError } from '@/lib/errors'
import { callEndpoint } from '@/lib/api/call-endpoint'
import { readView } from '@/lib/api/read-view'
import { asOfToInput } from '@/lib/contract/shapes/plain-values'
import { entryLabel, type TableIdentifier } from '@/lib/names/identifiers'
import type { QueryResult } from '@/lib/query/engine'
import { readArrow } from '@/lib/query/session/result-rows'
import type { QueryRuns, ResultStorage } from './query/query-run'
import {
  browserStore,
  type ResultStore,
  type StoredEntry,
  type StoredRun,
  type StoredStatement,
} from './query/result-store'
import { MAX_STORED_RUN_BYTES, STORED_RESULT_MS, writeStoredMarker } from './query/stored-result-marker'
import { signedOutAtMs } from './query/stored-tabs'

/** The most runs of a user in this browser; the oldest make room for others. */
const MAX_RUNS = 10
const MAX_TOTAL_BYTES = 64 * 1024 * 1024
/** Rises with every change of the stored form. */
const FORMAT = 2
/** In the session storage: browser tabs may have query tabs of one id. */
const WINDOW_KEY = 'lakeshore.query-window'

/**
 * Stores the results of a run in this browser, in place of those of the tab's last run. Rows are in Arrow's format, so
 * they come back exactly.
 *
 * @returns the storage of each statement's result; undefined for a statement without one
 */
export async function storeRun(
  userId: string,
  tabId: string,
  runs: QueryRuns,
  { store = browserStore, nowMs = Date.now() }: { store?: ResultStore; nowMs?: number } = {},
): Promise<(ResultStorage | undefined)[]> {
  const key = runKey(userId, tabId)
  let bytes = 0
  /** The index of the statement that is shown after a reload: the last stored one up to the shown one. */
  let shown = 0
  const statements: StoredStatement[] = []
  const storages = runs.states.map((state, index): ResultStorage | undefined => {
    if (state.status !== 'done') return undefined
    const { batches, ...result } = state.result
    const refusal = findRefusal(state.result, bytes)
    if (refusal !== null) return { kind: 'refused', reason: refusal }
    const streams = batches.map((batch) => toOwnBuffer(batch.toArrow?.() ?? new Uint8Array()))
    const ownBytes = streams.reduce((sum, { byteLength }) => sum + byteLength, 0)
    if (bytes + ownBytes > MAX_STORED_RUN_BYTES) return { kind: 'refused', reason: 'too-large' }
    bytes += ownBytes
    if (index <= runs.shown) shown = statements.length
    const { request, position } = state
    statements.push({ request, ...(position && { position }), result, batches: streams })
    return { kind: 'stored', atMs: nowMs }
  })
  try {
    const { sql, scope, engine } = runs
    const run = { format: FORMAT, sql, scope, engine, shown, statements }
    const work = lastWrite.then(() => write(store, { key, userId, storedAtMs: nowMs, bytes }, run))
    lastWrite = work.catch(() => undefined)
    await work
  } catch {
    // The storage of the browser is full or blocked.
    return storages.map((storage) => (storage?.kind === 'stored' ? { kind: 'refused', reason: 'no-space' } : storage))
  }
  return storages
}

/** One run is written after the other, so that a tab has its last one. */
let lastWrite: Promise<unknown> = Promise.resolve()

async function write(store: ResultStore, entry: StoredEntry, run: StoredRun): Promise<void> {
  const known = await store.list()
  const { removed, retained } = chooseRemoved(known, entry)
  if (run.statements.length === 0) return await store.remove([...removed, entry.key])
  await store.replace(removed, entry, run)
  writeStoredMarker({ userId: entry.userId, untilMs: entry.storedAtMs + STORED_RESULT_MS })
  // The user has signed out while the rows were written.
  if (signedOutAtMs(entry.userId) >= entry.storedAtMs) await store.remove([entry.key, ...retained])
}

/** Why a result is not stored; null if it is. */
function findRefusal(
  { tablesRead, viewsRead, historyTables = [], readsFiles = false, batches, resultBytes }: QueryResult,
  otherBytes: number,
): (ResultStorage & { kind: 'refused' })['reason'] | null {
  if (readsFiles) return 'reads-files'
  // Its rows are those of the tables that the user may read now.
  if (historyTables.length > 0) return 'reads-history'
  // Without a table there is nothing by which the server could say whether the user may still see the rows.
  if (tablesRead.length === 0 && viewsRead.length === 0) return 'no-tables'
  if (otherBytes + resultBytes > MAX_STORED_RUN_BYTES) return 'too-large'
  return batches.every(({ toArrow }) => toArrow !== undefined) ? null : 'not-exact'
}

/** The runs that make room for a new one: others' and outdated ones, then the oldest. */
function chooseRemoved(entries: readonly StoredEntry[], added: StoredEntry) {
  const removed = entries.filter((entry) => isOutdated(entry, added.userId, added.storedAtMs)).map(({ key }) => key)
  const others = entries
    .filter(({ key }) => key !== added.key && !removed.includes(key))
    .toSorted((a, b) => b.storedAtMs - a.storedAtMs)
  const retained: string[] = []
  let bytes = added.bytes
  for (const entry of others) {
    bytes += entry.bytes
    if (retained.length + 1 < MAX_RUNS && bytes <= MAX_TOTAL_BYTES) retained.push(entry.key)
    else removed.push(entry.key)
  }
  return { removed, retained }
}

function isOutdated({ userId, storedAtMs }: StoredEntry, ownUserId: string, nowMs: number): boolean {
  // A clock that was set back does not prolong anything.
  return userId !== ownUserId || Math.abs(nowMs - storedAtMs) >= STORED_RESULT_MS || storedAtMs <= signedOutAtMs(userId)
}

/** A stored run, or why there is none any longer. */
type OpenedRun =
  | { kind: 'none' }
  | { kind: 'found'; runs: QueryRuns }
  /** The user may no longer read `source`, so the run was removed. */
  | { kind: 'removed'; storedAtMs: number; source: string }

/**
 * The stored run of a tab, if the user may still read all that it was made from: every table at its snapshot, and every
 * view. Otherwise it is removed. Removes outdated runs, too.
 *
 * @throws {AppError} if the server cannot say so now: then nothing is shown, and the run stays
 */
export async function openStoredRun(
  userId: string,
  tabId: string,
  { store = browserStore, nowMs = Date.now() }: { store?: ResultStore; nowMs?: number } = {},
): Promise<OpenedRun> {
  const key = runKey(userId, tabId)
  const entries = await store.list().catch(rethrowUnreadable)
  const outdated = entries.filter((entry) => isOutdated(entry, userId, nowMs)).map((entry) => entry.key)
  if (outdated.length > 0) await store.remove(outdated).catch(rethrowUnreadable)
  const entry = entries.find((known) => known.key === key)
  if (entry === undefined || outdated.includes(key)) return { kind: 'none' }
  const run = await store.read(key).catch(rethrowUnreadable)
  if (run === null || run.format !== FORMAT) return { kind: 'none' }
  const source = await findUnreadable(run)
  if (source === null) return { kind: 'found', runs: toRuns(run, entry.storedAtMs) }
  await store.remove([key]).catch(rethrowUnreadable)
  return { kind: 'removed', storedAtMs: entry.storedAtMs, source }
}

/** Removes the results of all users. */
export async function clearStoredResults(store: ResultStore = browserStore): Promise<void> {
  await store.clear()
  // Without the marker a later page does not look for results.
  writeStoredMarker(null)
}

export async function removeStoredRun(userId: string, tabId: string, store: ResultStore = browserStore): Promise<void> {
  await store.remove([runKey(userId, tabId)])
}

function toRuns({ sql, scope, engine, shown, statements }: StoredRun, storedAtMs: number): QueryRuns {
  return {
    sql,
    scope,
    engine,
    shown,
    states: statements.map(({ batches, result, ...statement }) => ({
      ...statement,
      status: 'done',
      result: { ...result, batches: batches.flatMap(readArrow) },
      storage: { kind: 'restored', atMs: storedAtMs },
    })),
  }
}

/** The first table or view of a run that the user may not read, or not as it was; null if they may read all. */
async function findUnreadable({ statements }: StoredRun): Promise<string | null> {
  const checks = new Map<string, { label: string; isReadable: () => Promise<boolean> }>()
  for (const { result } of statements) {
    for (const { identifier, snapshotId } of result.tablesRead)
      checks.set(JSON.stringify([identifier, snapshotId]), {
        label: entryLabel(identifier),
        isReadable: () => isTableReadable(identifier, snapshotId),
      })
    for (const { identifier } of result.viewsRead)
      checks.set(JSON.stringify(['view', identifier]), {
        label: entryLabel(identifier),
        isReadable: async () =>
          (await readView(identifier, { signal: new AbortController().signal, isRetry: false })) !== null,
      })
  }
  for (const { label, isReadable } of checks.values()) if (!(await isReadable().catch(isRefusal))) return label
  return null
}

/** Plans a scan, as reading the rows again would. A table that was dropped and created again lacks the snapshot. */
async function isTableReadable(identifier: TableIdentifier, snapshotId: string | null): Promise<boolean> {
  await callEndpoint('scanTable', { ...identifier, ...asOfToInput(snapshotId === null ? {} : { snapshotId }) })
  return true
}

/** False for a refusal; any other failure says nothing about permissions. */
function isRefusal(error: unknown): false {
  if (error instanceof AppError && (error.code === 'not-found' || error.code === 'forbidden')) return false
  throw error
}

function rethrowUnreadable(cause: unknown): never {
  throw new AppError('internal', 'The storage of this browser cannot be read.', { cause })
}

/** A view of a buffer is stored with the whole buffer. */
function toOwnBuffer(bytes: Uint8Array): Uint8Array {
  return bytes.byteLength === bytes.buffer.byteLength ? bytes : bytes.slice()
}

function runKey(userId: string, tabId: string): string {
  return JSON.stringify([userId, windowId(), tabId])
}

/** Stays the same across reloads of a browser tab. */
function windowId(): string {
  try {
    const known = sessionStorage.getItem(WINDOW_KEY) ?? crypto.randomUUID()
    sessionStorage.setItem(WINDOW_KEY, known)
    return known
  } catch {
    return ''
  }
}
