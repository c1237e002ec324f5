import 'server-only'
import { AppError } from '@/lib/errors'
import { describeVersion } from '@/lib/facts/describe-version'
import type { TableMetadata } from '@/lib/iceberg/metadata/table-metadata'
import type { Change } from '@/server/db/database'
import { failedAttemptChange, readTableChanges, type TableChangeFact, usedChange } from '@/server/db/facts/fact-changes'
import { findHistory, findHistoriesOf, type TableHistory } from '@/server/db/facts/histories'
import { tryCommit } from '@/server/db/try-commit'
import type { Services } from '@/server/services'
import { isTransient } from './is-transient'
import { HistoryDraft } from './record-version'
import type { VersionSource } from './version-source'

/** Continues histories with the changes that writes to our own catalog left. */

const MAX_TAKEN = 100
/** After that the change is removed: the next poll reads what the catalog has then. */
const MAX_ATTEMPTS = 5

type UseServices = Pick<Services, 'database' | 'log'>
type DraftDeps = Pick<UseServices, 'database'> & { source: VersionSource }
type VersionChange = Extract<TableChangeFact, { kind: 'version' }>

/**
 * Uses some of the changes, in order. Another process that does the same at once makes no difference: each change
 * continues a history once.
 *
 * @returns how many there were, and how many of them the histories have now
 */
export async function recordTableChanges(
  services: UseServices,
  source: VersionSource,
  signal: AbortSignal,
): Promise<{ taken: number; used: number }> {
  const { database, log } = services
  const changes = await readTableChanges(database, MAX_TAKEN)
  let used = 0
  for (const change of changes) {
    signal.throwIfAborted()
    const reason = await tryUse(services, source, change, signal)
    if (reason === null) {
      used += 1
      continue
    }
    const attempt = change.attempts + 1
    const { catalog, namespace, table } = change.table
    log.warning('a change could not be added to the history of its table', {
      table: [catalog, ...namespace, table].join('.'),
      attempt,
      reason,
    })
    await tryCommit(database, [attempt >= MAX_ATTEMPTS ? usedChange(change) : failedAttemptChange(change)])
  }
  return { taken: changes.length, used }
}

/** @returns why the history does not have the change; null if it has it */
async function tryUse(
  services: UseServices,
  source: VersionSource,
  change: TableChangeFact,
  signal: AbortSignal,
): Promise<string | null> {
  try {
    const changes = [usedChange(change), ...(await toHistoryChanges({ database: services.database, source }, change))]
    return (await tryCommit(services.database, changes)) ? null : 'Another process has continued the history.'
  } catch (error) {
    if (signal.aborted || isTransient(error) || !(error instanceof AppError)) throw error
    return error.message
  }
}

/** The changes of the database that continue the history; none if it has the change already. */
async function toHistoryChanges(deps: DraftDeps, change: TableChangeFact): Promise<Change[]> {
  const { database } = deps
  const named = await findHistory(database, change.table)
  if (change.kind === 'version') return toVersionChanges(deps, change, named)
  if (named === null) return []
  const draft = HistoryDraft.ofHistory(deps, named)
  if (change.kind === 'renamed') draft.rename(change.to, change.atMs)
  else draft.drop(change.atMs)
  return draft.toChanges()
}

async function toVersionChanges(deps: DraftDeps, change: VersionChange, named: TableHistory | null): Promise<Change[]> {
  const { database, source } = deps
  const { table, tableUuid, fromLocation, toLocation, description } = change
  if (named?.metadataLocation === toLocation) return []
  const own = named?.tableUuid === tableUuid ? named : null
  const replaced = named && own === null ? HistoryDraft.ofHistory(deps, named) : null
  replaced?.drop(change.atMs)
  const before = (await replaced?.toChanges()) ?? []

  if (own === null && fromLocation === null) {
    const dropped = (await findHistoriesOf(database, { catalog: table.catalog, tableUuid })).find(
      ({ droppedAtMs }) => droppedAtMs !== null,
    )
    if (!dropped && description !== null) {
      const created = await HistoryDraft.ofCreated(deps, { table, tableUuid }, description, toLocation)
      return [...before, ...(await created.toChanges())]
    }
    const metadata = await requireEarlier(source, toLocation)
    const reading = { table, metadata, metadataLocation: toLocation }
    const draft = dropped ? HistoryDraft.ofHistory(deps, dropped) : await HistoryDraft.ofNewTable(deps, reading)
    if (dropped) await draft.restore(reading, change.atMs)
    return [...before, ...(await draft.toChanges())]
  }

  const draft = await reachVersion(deps, change, own)
  if (draft === null) return []
  if (description !== null) await draft.addVersion(description, toLocation)
  else {
    const metadata = await requireEarlier(source, toLocation)
    await draft.addVersion(describeVersion(draft.history.version, null, metadata), toLocation)
  }
  return [...before, ...(await draft.toChanges())]
}

/**
 * The history up to the version that a change began with: another program may have committed since, or nothing of the
 * table was read yet. Null if that version is unknown and its file is gone: the poll reads what the catalog has.
 */
async function reachVersion(
  deps: DraftDeps,
  { table, fromLocation, description }: VersionChange,
  own: TableHistory | null,
): Promise<HistoryDraft | null> {
  if (own && own.metadataLocation === fromLocation) return HistoryDraft.ofHistory(deps, own)
  // The version before was read from its file when a later change came first.
  if (own && description && description.version.lastUpdatedMs < own.version.lastUpdatedMs) return null
  const metadata = fromLocation === null ? null : await deps.source.readEarlier(fromLocation)
  if (metadata === null || fromLocation === null) return null
  const reading = { table, metadata, metadataLocation: fromLocation }
  if (own === null) return HistoryDraft.ofNewTable(deps, reading)
  const draft = HistoryDraft.ofHistory(deps, own)
  await draft.catchUp(reading)
  return draft
}

async function requireEarlier(source: VersionSource, location: string): Promise<TableMetadata> {
  const metadata = await source.readEarlier(location)
  if (metadata === null) throw new AppError('file-missing', `The metadata file ${location} is gone.`)
  return metadata
}
