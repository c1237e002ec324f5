import 'server-only'
import { AppError, isDatabaseError } from '@/lib/errors'
import type { TableIdentifier } from '@/lib/names/identifiers'
import { readEarlierMetadata } from '@/server/catalog/read-earlier-metadata'
import { readTableLocations, readTableRow } from '@/server/db/catalog/table-rows'
import { factCatalogChange } from '@/server/db/facts/fact-catalogs'
import { readChangedTables } from '@/server/db/facts/fact-changes'
import { findHistory, readKnownLocations } from '@/server/db/facts/histories'
import { tryCommit } from '@/server/db/try-commit'
import { clock } from '@/server/timing/clock'
import type { Services } from '@/server/services'
import { isTransient } from './is-transient'
import { countByManifests } from './manifest-counts'
import { readOrNull } from './read-or-null'
import { HistoryDraft, toRecordChanges } from './record-version'
import type { VersionSource } from './version-source'

/**
 * Our own catalog as a source of facts. Its writes describe themselves; what other programs wrote into its database, and
 * tables of the time before their history began, are found by comparing its rows with the histories.
 */

export type OwnCatalogServices = Pick<Services, 'config' | 'database' | 'log' | 'metadataFiles' | 'stores'>

export function ownCatalogSource(
  { config, database, metadataFiles, stores }: OwnCatalogServices,
  signal: AbortSignal,
): VersionSource {
  const store = stores.catalogStore(config.catalogName)
  const readEarlier = (location: string) =>
    readOrNull(signal, () => readEarlierMetadata(metadataFiles, { store }, location, signal))
  return {
    readEarlier,
    async readCounts(location, snapshotId) {
      const metadata = await readEarlier(location)
      return metadata && readOrNull(signal, () => countByManifests(store, metadata, snapshotId, signal))
    },
    async hasTable(table) {
      const row = await readTableRow(database, table)
      return row !== null && !row.isView
    },
  }
}

/** A metadata file that could not be read is read again after so long: rights may have been granted since. */
const RETRY_INTERVAL_MS = 10 * 60_000

/** Compares the rows of our own catalog with the histories, again and again. */
export class OwnCatalogPoll {
  readonly #services: OwnCatalogServices
  /** Tables whose metadata file could not be read, and when. */
  readonly #unreadable = new Map<string, { location: string; failedAtMs: number }>()

  constructor(services: OwnCatalogServices) {
    this.#services = services
  }

  /** @returns how many histories it began, continued or ended */
  async run(signal: AbortSignal): Promise<number> {
    const { config, database } = this.#services
    const reading = { catalog: config.catalogName, polledAtMs: database.nowMs(), lateCount: 0, isTruncated: false }
    try {
      const { count, tableCount } = await this.#compare(signal)
      const atMs = database.nowMs()
      const times = { answeredAtMs: atMs, completeAtMs: atMs, listedAtMs: atMs }
      const counts = { tableCount, unreadCount: this.#unreadable.size }
      await database.commit([factCatalogChange({ ...reading, ...times, ...counts, problem: null })])
      return count
    } catch (error) {
      if (signal.aborted || isDatabaseError(error) || !(error instanceof AppError)) throw error
      const times = { answeredAtMs: null, completeAtMs: null, listedAtMs: null }
      const counts = { tableCount: null, unreadCount: this.#unreadable.size }
      const problem = { code: error.code, detail: error.message }
      await database.commit([factCatalogChange({ ...reading, ...times, ...counts, problem })])
      throw error
    }
  }

  async #compare(signal: AbortSignal): Promise<{ count: number; tableCount: number }> {
    const { config, database } = this.#services
    const source = ownCatalogSource(this.#services, signal)
    // The rows are read before the changes: a version whose change is gone from these is in its history already.
    const listed = await readTableLocations(database, config.catalogName)
    const changed = new Set((await readChangedTables(database, config.catalogName)).map(keyOf))
    const known = await readKnownLocations(database, config.catalogName)
    const knownLocations = new Map(known.map(({ table, metadataLocation }) => [keyOf(table), metadataLocation]))
    this.#forget(listed.map(({ metadataLocation }) => metadataLocation))

    let count = 0
    for (const { table, metadataLocation } of listed) {
      signal.throwIfAborted()
      const key = keyOf(table)
      if (metadataLocation === null || changed.has(key) || knownLocations.get(key) === metadataLocation) continue
      if (await this.#record(source, table, metadataLocation, signal)) count += 1
    }
    const names = new Set(listed.map(({ table }) => keyOf(table)))
    for (const { table } of known) {
      const key = keyOf(table)
      if (names.has(key) || changed.has(key)) continue
      if (await this.#recordDrop(source, table)) count += 1
    }
    return { count, tableCount: listed.length }
  }

  async #record(
    source: VersionSource,
    table: TableIdentifier,
    metadataLocation: string,
    signal: AbortSignal,
  ): Promise<boolean> {
    const { config, database, log, metadataFiles, stores } = this.#services
    const failed = this.#unreadable.get(keyOf(table))
    const isRecent = failed !== undefined && clock.elapsedMs() - failed.failedAtMs < RETRY_INTERVAL_MS
    if (isRecent && failed.location === metadataLocation) return false
    try {
      const store = stores.catalogStore(config.catalogName)
      const metadata = await metadataFiles.readTable(store, metadataLocation, signal)
      const changes = await toRecordChanges({ database, source }, { table, metadata, metadataLocation })
      return changes.length > 0 && (await tryCommit(database, changes))
    } catch (error) {
      if (signal.aborted || isTransient(error) || !(error instanceof AppError)) throw error
      log.warning('the history of a table could not be continued', { table: keyOf(table), reason: error.message })
      this.#unreadable.set(keyOf(table), { location: metadataLocation, failedAtMs: clock.elapsedMs() })
      return false
    }
  }

  /** Another program dropped the table, unless it was renamed, which its new name has shown. */
  async #recordDrop(source: VersionSource, table: TableIdentifier): Promise<boolean> {
    const { database } = this.#services
    const history = await findHistory(database, table)
    if (history === null || (await readTableRow(database, table)) !== null) return false
    const draft = HistoryDraft.ofHistory({ database, source }, history)
    draft.drop(database.nowMs())
    return tryCommit(database, await draft.toChanges())
  }

  #forget(locations: readonly (string | null)[]): void {
    const current = new Set(locations)
    for (const [key, { location }] of this.#unreadable) if (!current.has(location)) this.#unreadable.delete(key)
  }
}

function keyOf({ catalog, namespace, table }: TableIdentifier): string {
  return JSON.stringify([catalog, ...namespace, table])
}
