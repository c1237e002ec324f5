import 'server-only'
import { AppError, isDatabaseError } from '@/lib/errors'
import { namespaceLabel, type TableIdentifier } from '@/lib/names/identifiers'
import type { CatalogClient } from '@/server/catalog/port/catalog-client'
import type { PolledMetadata } from '@/server/catalog/port/polled-metadata'
import { nullIfNotFound } from '@/server/catalog/null-if-not-found'
import type { FactCatalog } from '@/server/db/facts/fact-catalogs'
import { namedConnectionChange } from '@/server/db/catalog/connections'
import type { Change } from '@/server/db/database'
import { findHistory, readKnownLocations } from '@/server/db/facts/histories'
import { tryCommit } from '@/server/db/try-commit'
import { clock } from '@/server/timing/clock'
import type { Services } from '@/server/services'
import { ByteBudget } from './byte-budget'
import { CatalogOutage, isOutage } from './catalog-outage'
import type { EtagCache } from './etag-cache'
import { isCovered, listAllTables, type TableList } from './list-tables'
import { newPolledTable, type PolledTable, recordFailure, recordReading } from './polled-table'
import { versionOf } from './polled-version'
import { HistoryDraft, toRecordChanges } from './record-version'
import { remoteSource } from './remote-source'
import { commitIntervalMs, MIN_INTERVAL_MS } from './commit-interval'

/** More tables of one catalog are not read; the first ones by name are. */
const MAX_TABLES = 100_000
const LISTING_INTERVAL_MS = 10 * 60_000
/** So long after a listing, tables with an ETag have been read, and renames are known. */
const RENAME_WAIT_MS = 1.5 * MIN_INTERVAL_MS
/** Four requests at once read 1,000 tables a minute also from a distant catalog. Larger catalogs get more, up to 16. */
const MIN_CONCURRENCY = 4
const MAX_CONCURRENCY = 16
const TABLES_PER_LANE = 1_000
const STEP_MS = 1_000
/** So many requests begin in a second at most, also when many tables are due at once. */
const MAX_POLLS_PER_STEP = 200
/** While many tables are new, the others still have their turn. */
const MAX_NEW_PER_STEP = 150
/** A catalog may answer that a table has not changed although it has: then the table is up to an hour old. */
const MAX_TAG_AGE_MS = 60 * 60_000
/** For all readings of metadata from one catalog that is not known to have changed. */
const BYTES_PER_MINUTE = 64 * 1024 * 1024
/** After so many failures of the storage a table is read without its earlier files, whose counts then stay unknown. */
const MAX_FAILURES_WITH_FILES = 3
/** Further failures are only logged for debugging, until the next listing. */
const MAX_WARNINGS = 20
const DATABASE_PAUSE_MS = 5_000
/** After an error that no one expects. */
const ERROR_PAUSE_MS = 5 * 60_000

export type PollServices = Pick<Services, 'catalogs' | 'database' | 'log' | 'metadataFiles'>

type PolledCatalog = CatalogClient & Required<Pick<CatalogClient, 'pollMetadata'>>
type ChangedMetadata = Extract<PolledMetadata, { isUnchanged: false }>

/**
 * Reads the tables of one catalog again and again, and continues their histories.
 *
 * - Tables are listed every ten minutes, up to 100,000.
 * - A table whose version has an ETag is read once a minute with that: a catalog then sends nothing unless the table has
 *   changed. It is read without the ETag once an hour, as far as the budget allows.
 * - Other tables are read in the rhythm of their commits, between once a minute and once an hour.
 * - All readings without an ETag share a budget of 64 MiB a minute. When it is used up, tables become late, and the one
 *   that waits longest is next.
 * - Four to sixteen requests run at once, and at most 200 begin in a second.
 * - One response has at most 256 MiB and 8 million values, the limits of the client. So a table with tens of millions of
 *   snapshots fails alone, and is read again after an hour at the latest.
 */
export class CatalogPoll {
  readonly #services: PollServices
  readonly #name: string
  readonly #etags: EtagCache
  readonly #budget: ByteBudget
  readonly #tables = new Map<string, PolledTable>()
  /** Tables that are due, the first one last. */
  #queue: PolledTable[] = []
  readonly #running = new Set<Promise<void>>()
  #laneCount = 0
  readonly #outage: CatalogOutage
  #catalog: PolledCatalog | null = null
  #isListing = false
  #isConfirming = false
  #listingDueAtMs = Number.NEGATIVE_INFINITY
  #listedAtElapsedMs = Number.NEGATIVE_INFINITY
  /** Tables of the histories that the last listing lacks. */
  #missing: TableIdentifier[] = []
  #warnings = 0
  #unlistedCount = 0
  readonly #reading: Omit<FactCatalog, 'polledAtMs' | 'problem'> & { polledAtMs: number | null }

  constructor(
    services: PollServices,
    name: string,
    etags: EtagCache,
    { bytesPerMinute = BYTES_PER_MINUTE }: { bytesPerMinute?: number } = {},
  ) {
    this.#budget = new ByteBudget(bytesPerMinute)
    this.#services = services
    this.#name = name
    this.#etags = etags
    this.#outage = new CatalogOutage(services.log, name)
    this.#reading = {
      catalog: name,
      polledAtMs: null,
      answeredAtMs: null,
      completeAtMs: null,
      listedAtMs: null,
      tableCount: null,
      unreadCount: 0,
      lateCount: 0,
      isTruncated: false,
    }
  }

  /** Runs until the signal is aborted. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      this.step(signal)
      await clock.pause(STEP_MS, signal)
    }
    await this.whenIdle()
    for (const table of this.#tables.values()) this.#etags.forget(table)
  }

  /** Begins what is due, and waits for nothing of it: a response that does not come holds up no other table. */
  step(signal: AbortSignal): void {
    const nowMs = clock.elapsedMs()
    if (signal.aborted || this.#outage.isPaused) return
    if (!this.#isListing && nowMs >= this.#listingDueAtMs) this.#start(this.#list(signal))
    if (this.#queue.length === 0) this.#queue = this.#findDue(nowMs)
    if (this.#missing.length > 0 && !this.#isConfirming && this.#canConfirmDrops(nowMs)) {
      this.#start(this.#confirmDrops(signal))
    }
    const maxLanes = Math.min(MAX_CONCURRENCY, MIN_CONCURRENCY + Math.floor(this.#tables.size / TABLES_PER_LANE))
    // A lane takes its first table at once.
    while (this.#laneCount < maxLanes && this.#queue.length > 0) this.#start(this.#runLane(signal))
  }

  /** Resolves when nothing runs that a step began. */
  async whenIdle(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running)
  }

  /** The outcome so far; null before the first request. */
  report(): FactCatalog | null {
    const { polledAtMs, ...reading } = this.#reading
    if (polledAtMs === null) return null
    const lateBeforeMs = clock.elapsedMs() - MIN_INTERVAL_MS
    const tables = [...this.#tables.values()]
    const readable = tables.filter(({ problem }) => problem === null)
    const lateCount = readable.filter(({ readAtMs, dueAtMs }) => readAtMs === null || dueAtMs < lateBeforeMs).length
    const { problem } = this.#outage
    const isComplete = reading.listedAtMs !== null && problem === null && lateCount === 0
    if (isComplete) this.#reading.completeAtMs = reading.answeredAtMs
    const { completeAtMs } = this.#reading
    return { ...reading, polledAtMs, completeAtMs, unreadCount: tables.length - readable.length, lateCount, problem }
  }

  #start(work: Promise<void>): void {
    const running = work.finally(() => this.#running.delete(running))
    this.#running.add(running)
  }

  /** A missing table may have one of the new names, or one that another table had before. */
  #canConfirmDrops(nowMs: number): boolean {
    if (nowMs < this.#listedAtElapsedMs + RENAME_WAIT_MS) return false
    for (const { isNew } of this.#tables.values()) if (isNew) return false
    return true
  }

  #findDue(nowMs: number): PolledTable[] {
    const hasBudget = this.#budget.hasLeft()
    const due = [...this.#tables.values()].filter(
      (table) => table.dueAtMs <= nowMs && (hasBudget || this.#etags.find(table) !== null),
    )
    const byDueTime = (a: PolledTable, b: PolledTable) => a.dueAtMs - b.dueAtMs
    const { added = [], known = [] } = Object.groupBy(due.sort(byDueTime), ({ isNew }) => (isNew ? 'added' : 'known'))
    // New names come first: tables that had other names are found before these are read.
    const first = added.slice(0, Math.max(MAX_NEW_PER_STEP, MAX_POLLS_PER_STEP - known.length))
    return [...first, ...known.slice(0, MAX_POLLS_PER_STEP - first.length)].reverse()
  }

  /** Without a budget, an old ETag is better than no reading. */
  #findTag(table: PolledTable, nowMs: number): string | null {
    const tag = this.#etags.find(table)
    const isUsed = tag !== null && (nowMs - tag.readAtMs < MAX_TAG_AGE_MS || !this.#budget.hasLeft())
    return isUsed ? tag.etag : null
  }

  async #runLane(signal: AbortSignal): Promise<void> {
    this.#laneCount += 1
    try {
      for (;;) {
        if (signal.aborted || this.#outage.isPaused) return
        const table = this.#queue.pop()
        if (table === undefined) return
        await this.#poll(table, signal)
      }
    } finally {
      this.#laneCount -= 1
    }
  }

  async #poll(table: PolledTable, signal: AbortSignal): Promise<void> {
    const startedAtMs = clock.elapsedMs()
    const etag = this.#findTag(table, startedAtMs)
    if (etag === null && !this.#budget.hasLeft()) return
    const dueAtMs = table.dueAtMs
    table.dueAtMs = Number.POSITIVE_INFINITY
    try {
      const polled = await this.#load(table.identifier, etag, signal)
      if (polled.isUnchanged) table.answersTags = true
      else if (!(await this.#record(table, polled, { isTagged: etag !== null, startedAtMs, signal }))) {
        // Another process has continued the history: the next reading goes on from there.
        this.#etags.forget(table)
        table.ownIntervalMs = MIN_INTERVAL_MS
      }
      const hasTag = this.#etags.find(table) !== null
      recordReading(table, { startedAtMs, hasTag, tableCount: this.#tables.size })
    } catch (error) {
      table.dueAtMs = dueAtMs
      if (!signal.aborted) this.#handleFailure(table, error)
    }
  }

  /** @throws {AppError} as `pollMetadata` */
  async #load(identifier: TableIdentifier, etag: string | null, signal: AbortSignal): Promise<PolledMetadata> {
    const catalog = this.#requireCatalog()
    this.#reading.polledAtMs = this.#services.database.nowMs()
    const polled = await catalog.pollMetadata(identifier, { etag, signal })
    this.#recordResponse()
    if (!polled.isUnchanged) this.#budget.spend(polled.sizeBytes)
    return polled
  }

  /** @returns whether the history has the version now */
  async #record(
    table: PolledTable,
    polled: ChangedMetadata,
    { isTagged, startedAtMs, signal }: { isTagged: boolean; startedAtMs: number; signal: AbortSignal },
  ): Promise<boolean> {
    const { database, metadataFiles } = this.#services
    const { metadata } = polled
    const version = versionOf(polled)
    const isSame = version === table.version
    if (isTagged) table.answersTags = !isSame
    table.ownIntervalMs = commitIntervalMs(metadata, database.nowMs())
    if (!isSame) {
      const source = remoteSource({ catalog: this.#requireCatalog(), metadataFiles }, table.identifier, {
        hasTable: (identifier) => this.#hasTable(identifier, metadata.tableUuid, signal),
        readsFiles: table.failures < MAX_FAILURES_WITH_FILES,
        signal,
      })
      const reading = { table: table.identifier, metadata, metadataLocation: version }
      const changes = await toRecordChanges({ database, source }, reading)
      if (changes.length > 0 && !(await this.#store(changes))) return false
      table.version = version
    }
    this.#etags.set(table, polled.etag, startedAtMs)
    return true
  }

  /** Whether a table of a history is still there under its name. One that was read after the listing is. */
  async #hasTable(identifier: TableIdentifier, tableUuid: string, signal: AbortSignal): Promise<boolean> {
    const known = this.#tables.get(keyOf(identifier))
    if (known && known.problem === null && (known.readAtMs ?? Number.NEGATIVE_INFINITY) > this.#listedAtElapsedMs) {
      return true
    }
    const polled = await nullIfNotFound(() => this.#load(identifier, null, signal))
    return polled !== null && !polled.isUnchanged && polled.metadata.tableUuid === tableUuid
  }

  async #list(signal: AbortSignal): Promise<void> {
    const { catalogs, database } = this.#services
    this.#isListing = true
    try {
      this.#reading.polledAtMs = database.nowMs()
      this.#catalog ??= requirePolledCatalog(await catalogs.openForSearch(this.#name))
      const list = await listAllTables(this.#catalog, { maxTables: MAX_TABLES, signal })
      if (list.failure === null) this.#recordResponse()
      await this.#takeList(list)
      this.#listingDueAtMs = clock.elapsedMs() + LISTING_INTERVAL_MS
      if (list.failure !== null) this.#outage.pause(list.failure)
    } catch (error) {
      if (!signal.aborted) this.#pauseAfter(error)
    } finally {
      this.#isListing = false
    }
  }

  async #takeList(list: TableList): Promise<void> {
    const { tables, unlisted, isTruncated, failure } = list
    const { database, log } = this.#services
    const histories = await readKnownLocations(database, this.#name)
    const known = new Set(histories.map(({ table }) => keyOf(table)))
    const listed = new Set(tables.map(keyOf))
    for (const identifier of tables) {
      const key = keyOf(identifier)
      if (!this.#tables.has(key)) this.#tables.set(key, newPolledTable(identifier, { isNew: !known.has(key) }))
    }
    const isMissing = (table: TableIdentifier) => !listed.has(keyOf(table)) && isCovered(list, table)
    for (const [key, table] of this.#tables) {
      if (!isMissing(table.identifier)) continue
      this.#tables.delete(key)
      this.#etags.forget(table)
    }
    this.#missing = histories.map(({ table }) => table).filter(isMissing)
    if (failure === null) this.#reading.listedAtMs = database.nowMs()
    if (unlisted.length !== this.#unlistedCount) {
      this.#unlistedCount = unlisted.length
      const facts = { catalog: this.#name, count: unlisted.length, first: unlisted[0] && namespaceLabel(unlisted[0]) }
      log.warning('namespaces cannot be listed for the history of their tables', facts)
    }
    if (isTruncated && !this.#reading.isTruncated) {
      log.warning('a catalog has too many tables for the history of facts', { catalog: this.#name, read: MAX_TABLES })
    }
    this.#reading.isTruncated = isTruncated
    this.#reading.tableCount = this.#tables.size
    this.#listedAtElapsedMs = clock.elapsedMs()
    this.#warnings = 0
  }

  /** Ends the histories of missing tables, each after the catalog has said that there is none of its name. */
  async #confirmDrops(signal: AbortSignal): Promise<void> {
    this.#isConfirming = true
    try {
      for (let table = this.#missing.pop(); table !== undefined; table = this.#missing.pop()) {
        const name = table
        if (signal.aborted) return
        if (this.#tables.has(keyOf(name))) continue
        if ((await this.#isMissing(name, signal)) === true) await this.#recordDrop(name, signal)
      }
    } catch (error) {
      // The next listing finds the others again.
      this.#missing = []
      if (!signal.aborted) this.#pauseAfter(error)
    } finally {
      this.#isConfirming = false
    }
  }

  /** @returns null if the catalog does not say it */
  async #isMissing(table: TableIdentifier, signal: AbortSignal): Promise<boolean | null> {
    try {
      return (await nullIfNotFound(() => this.#load(table, null, signal))) === null
    } catch (error) {
      const saysNothing = isDatabaseError(error) || isOutage(error)
      if (signal.aborted || !(error instanceof AppError) || saysNothing) throw error
      return null
    }
  }

  async #recordDrop(table: TableIdentifier, signal: AbortSignal): Promise<void> {
    const { database, metadataFiles } = this.#services
    // It may have another name since, under which it was read.
    const history = await findHistory(database, table)
    if (history === null) return
    const source = remoteSource({ catalog: this.#requireCatalog(), metadataFiles }, table, {
      hasTable: async () => false,
      readsFiles: false,
      signal,
    })
    const draft = HistoryDraft.ofHistory({ database, source }, history)
    draft.drop(database.nowMs())
    await this.#store(await draft.toChanges())
  }

  /**
   * Nothing is stored under a name that the connection no longer has: its history has gone on under another one.
   *
   * @returns false if it was not stored
   */
  #store(changes: readonly Change[]): Promise<boolean> {
    return tryCommit(this.#services.database, [namedConnectionChange(this.#name), ...changes])
  }

  #handleFailure(table: PolledTable, error: unknown): void {
    if (isDatabaseError(error)) return this.#pauseAfter(error)
    if (!(error instanceof AppError)) {
      const facts = { catalog: this.#name, table: keyOf(table.identifier) }
      this.#services.log.error(error, { doing: 'reading a table for its history', ...facts })
      recordFailure(table, 'internal')
      return
    }
    if (error.code === 'not-found') {
      // The next listing tells whether it has another name, or was dropped.
      this.#recordResponse()
      this.#tables.delete(keyOf(table.identifier))
      this.#etags.forget(table)
      return
    }
    if (recordFailure(table, error.code)) this.#warn(table, error)
    if (typeof error.facts['maxBytes'] === 'number') this.#budget.spend(error.facts['maxBytes'])
    if (isOutage(error)) this.#outage.recordFailure(error)
    else this.#recordResponse()
  }

  #warn({ identifier }: PolledTable, { message }: AppError): void {
    const facts = { catalog: this.#name, table: keyOf(identifier), reason: message }
    this.#warnings += 1
    const { log } = this.#services
    if (this.#warnings > MAX_WARNINGS) log.debug('the history of a table could not be continued', facts)
    else log.warning('the history of a table could not be continued', facts)
  }

  #pauseAfter(error: unknown): void {
    const { log } = this.#services
    if (isDatabaseError(error)) {
      log.debug('the history waits for the database', { catalog: this.#name, code: error.code })
      this.#outage.pauseFor(DATABASE_PAUSE_MS)
    } else if (error instanceof AppError) this.#outage.pause(error)
    else {
      log.error(error, { doing: 'reading a catalog for the history of its tables', catalog: this.#name })
      this.#outage.pauseFor(ERROR_PAUSE_MS)
    }
  }

  #recordResponse(): void {
    this.#outage.recordResponse()
    this.#reading.answeredAtMs = this.#services.database.nowMs()
  }

  #requireCatalog(): PolledCatalog {
    if (this.#catalog === null) throw new Error(`The catalog ${this.#name} was not listed.`)
    return this.#catalog
  }
}

function requirePolledCatalog(catalog: CatalogClient): PolledCatalog {
  const { pollMetadata } = catalog
  if (pollMetadata === undefined) throw new Error(`The catalog ${catalog.name} cannot be polled.`)
  return { ...catalog, pollMetadata }
}

function keyOf({ namespace, table }: TableIdentifier): string {
  return JSON.stringify([...namespace, table])
}
