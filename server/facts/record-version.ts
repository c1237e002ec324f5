import 'server-only'
import { describeVersion, type VersionDescription } from '@/lib/facts/describe-version'
import {
  EMPTY_HISTORY,
  type FactRow,
  foldDrop,
  type FoldedVersion,
  foldRestore,
  foldVersion,
  type HistoryState,
} from '@/lib/facts/fold-version'
import type { KnownVersion } from '@/lib/facts/known-version'
import { readSnapshotFacts } from '@/lib/facts/snapshot-facts'
import { UNKNOWN } from '@/lib/facts/amounts'
import type { TableIdentifier } from '@/lib/names/identifiers'
import { readRecordedWriters } from '@/server/db/catalog/snapshot-writers'
import type { Change, Database } from '@/server/db/database'
import { addedFactChanges, readKnownCommits } from '@/server/db/facts/fact-rows'
import type { WrittenFact } from '@/server/db/facts/fact-writers'
import {
  continuedHistoryChange,
  findHistoriesOf,
  findHistory,
  newHistoryChange,
  newHistoryId,
  type TableHistory,
} from '@/server/db/facts/histories'
import { completeCounts } from './complete-counts'
import { readEarlierVersions } from './earlier-versions'
import type { VersionReading, VersionSource } from './version-source'

/** Continues histories of tables with what was read of them. */

type DraftDeps = { database: Database; source: VersionSource }

/** A history that one transaction continues, or begins. */
export class HistoryDraft {
  readonly #database: Database
  readonly #source: VersionSource
  readonly #isNew: boolean
  #history: TableHistory
  readonly #rows: FactRow[] = []
  readonly #events: FoldedVersion['events'] = []

  private constructor({ database, source }: DraftDeps, history: TableHistory, { isNew }: { isNew: boolean }) {
    this.#database = database
    this.#source = source
    this.#history = history
    this.#isNew = isNew
  }

  static ofHistory(deps: DraftDeps, history: TableHistory): HistoryDraft {
    return new HistoryDraft(deps, history, { isNew: false })
  }

  /** The first reading of a table: all that is still known of its history. */
  static async ofNewTable(deps: DraftDeps, reading: VersionReading): Promise<HistoryDraft> {
    const { table, metadata } = reading
    const { tableUuid } = metadata
    const versions = [...(await readEarlierVersions(deps, reading)), reading]
    const [first = reading, ...later] = versions
    const description = describeVersion(null, null, first.metadata)
    const draft = await HistoryDraft.ofCreated(deps, { table, tableUuid }, description, first.metadataLocation)
    let before = first.metadata
    for (const version of later) {
      await draft.addVersion(describeVersion(draft.history.version, before, version.metadata), version.metadataLocation)
      before = version.metadata
    }
    return draft
  }

  /** @param description of its first version, which is everything that the metadata has */
  static async ofCreated(
    deps: DraftDeps,
    { table, tableUuid }: { table: TableIdentifier; tableUuid: string },
    description: VersionDescription,
    metadataLocation: string,
  ): Promise<HistoryDraft> {
    const draft = new HistoryDraft(deps, emptyHistory(table, tableUuid, description.version), { isNew: true })
    await draft.addVersion(description, metadataLocation)
    return draft
  }

  get history(): TableHistory {
    return this.#history
  }

  /** Continues the history with a later version, between which and the known one there may be others. */
  async catchUp({ metadata, metadataLocation }: VersionReading): Promise<void> {
    const { metadataLocation: knownLocation, version } = this.#history
    if (knownLocation === metadataLocation) return
    const earlier = knownLocation === null ? null : await this.#source.readEarlier(knownLocation)
    const before = earlier?.tableUuid === metadata.tableUuid ? earlier : null
    await this.addVersion(describeVersion(version, before, metadata), metadataLocation)
  }

  async addVersion(described: VersionDescription, metadataLocation: string): Promise<void> {
    const description = await completeCounts(this.#source, described, metadataLocation)
    const { moves, version } = description
    const looked = moves.flatMap(({ left, entered }) => [
      ...left.map(({ snapshotId }) => snapshotId),
      ...entered.flatMap(({ commit, isNew }) => (isNew ? [] : [commit.snapshotId])),
    ])
    const known = await readKnownCommits(this.#database, this.#history.id, looked)
    for (const row of this.#rows) rememberCommit(known, row)
    this.#add(foldVersion(this.#history.state, description, known, this.#database.nowMs()))
    this.#history = { ...this.#history, metadataLocation, version }
  }

  rename(to: TableIdentifier, atMs: number): void {
    const { table } = this.#history
    this.#events.push({ atMs, kind: 'renamed', from: nameOf(table), to: nameOf(to) })
    this.#history = { ...this.#history, table: to }
  }

  drop(atMs: number): void {
    this.#add(foldDrop(this.#history.state, atMs))
    this.#history = { ...this.#history, metadataLocation: null, droppedAtMs: atMs }
  }

  /** A dropped table is in the catalog again, perhaps under another name. */
  async restore(reading: VersionReading, atMs: number): Promise<void> {
    const { mainSnapshotId } = this.#history.version
    const snapshot = reading.metadata.snapshots.find(({ snapshotId }) => snapshotId === mainSnapshotId)
    this.#add(foldRestore(this.#history.state, snapshot ? readSnapshotFacts(snapshot).total : UNKNOWN, atMs))
    this.#history = { ...this.#history, table: reading.table, droppedAtMs: null }
    await this.addVersion(describeVersion(this.#history.version, null, reading.metadata), reading.metadataLocation)
  }

  /** The rows that store it. They fail the transaction when another process has continued the history. */
  async toChanges(): Promise<Change[]> {
    const written = await this.#addWriters()
    return [
      this.#isNew ? newHistoryChange(this.#history) : continuedHistoryChange(this.#history),
      ...addedFactChanges(
        { id: this.#history.id, catalog: this.#history.table.catalog },
        { rows: written, events: this.#events },
      ),
    ]
  }

  #add({ rows, events, state }: FoldedVersion): void {
    this.#rows.push(...rows)
    this.#events.push(...events)
    this.#history = { ...this.#history, state }
  }

  async #addWriters(): Promise<WrittenFact[]> {
    const { tableUuid, table } = this.#history
    const ids = this.#rows.flatMap(({ snapshotId }) => snapshotId ?? [])
    const recorded = await readRecordedWriters(
      this.#database,
      ids.map((snapshotId) => ({ tableUuid, snapshotId })),
      [table],
    )
    const bySnapshot = new Map(ids.map((id, index) => [id, recorded[index] ?? null]))
    return this.#rows.map((row): WrittenFact => {
      const { writer, snapshotId } = row
      if (writer === null || snapshotId === null) return { ...row, committedBy: null }
      const audited = bySnapshot.get(snapshotId) ?? null
      const committedBy = { ...writer, username: audited?.username ?? null, client: audited?.client ?? null }
      return { ...row, committedBy: Object.values(committedBy).every((name) => name === null) ? null : committedBy }
    })
  }
}

function emptyHistory(table: TableIdentifier, tableUuid: string, version: KnownVersion): TableHistory {
  const state: HistoryState = EMPTY_HISTORY
  return {
    id: newHistoryId(),
    table,
    tableUuid,
    metadataLocation: null,
    version,
    state,
    droppedAtMs: null,
    revision: 0,
  }
}

function rememberCommit(
  known: Awaited<ReturnType<typeof readKnownCommits>>,
  { snapshotId, kind, atMs, enteredAtMs }: FactRow,
): void {
  if (snapshotId === null || kind === 'off-main') return
  known.set(snapshotId, { isOnMain: kind !== 'taken-back', enteredAtMs: enteredAtMs ?? atMs })
}

function nameOf({ namespace, table }: TableIdentifier): string {
  return [...namespace, table].join('.')
}

/**
 * Continues the history of a table with a version that was read from its catalog, or begins it.
 *
 * @returns the rows that store it; none if the history has the version already
 */
export async function toRecordChanges(deps: DraftDeps, reading: VersionReading): Promise<Change[]> {
  const { database } = deps
  const named = await findHistory(database, reading.table)
  if (named && named.tableUuid === reading.metadata.tableUuid) {
    if (named.metadataLocation === reading.metadataLocation) return []
    const draft = HistoryDraft.ofHistory(deps, named)
    await draft.catchUp(reading)
    return draft.toChanges()
  }
  // Another table had the name.
  const replaced = named && HistoryDraft.ofHistory(deps, named)
  replaced?.drop(database.nowMs())
  const draft = await findOrBegin(deps, reading)
  return [...((await replaced?.toChanges()) ?? []), ...(await draft.toChanges())]
}

/** A table under a name that its history does not have: it was renamed, or dropped before, or is new. */
async function findOrBegin(deps: DraftDeps, reading: VersionReading): Promise<HistoryDraft> {
  const { database, source } = deps
  const { table, metadata, metadataLocation } = reading
  const nowMs = database.nowMs()
  const histories = await findHistoriesOf(database, { catalog: table.catalog, tableUuid: metadata.tableUuid })
  // Copies of a table have its UUID, too: the one that was at this version is the likelier one.
  const isSame = (history: TableHistory) => Number(history.metadataLocation === metadataLocation)
  for (const history of histories.sort((a, b) => isSame(b) - isSame(a))) {
    const draft = HistoryDraft.ofHistory(deps, history)
    if (history.droppedAtMs !== null) {
      await draft.restore(reading, nowMs)
      return draft
    }
    if (!(await source.hasTable(history.table))) {
      draft.rename(table, nowMs)
      await draft.catchUp(reading)
      return draft
    }
  }
  return HistoryDraft.ofNewTable(deps, reading)
}
