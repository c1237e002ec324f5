import 'server-only'
import type { MetadataFiles } from '@/server/catalog/metadata-files'
import { AppError } from '@/lib/errors'
import type { TableIdentifier } from '@/lib/iceberg/identifiers'
import type { Intent } from '@/lib/iceberg/commit/intent'
import { propertyValue } from '@/lib/iceberg/properties/property-value'
import type { TableMetadata } from '@/lib/iceberg/metadata/table-metadata'
import type { LoadedTable } from '@/server/catalog/catalog-client'
import { readEarlierMetadata } from '@/server/catalog/read-earlier-metadata'
import { isDigested, isAuditValueOf } from '@/server/catalog/audit-value'
import { type AuditEntry, type AuditState, readAudit } from '@/server/db/audit'
import type { Services } from '@/server/services'
import { commitIntents, type IntentOptions, type CommittedIntents } from './commit-intents'

/**
 * Undoes the action of an audit entry: properties get their old values, and `main` moves back to its earlier tip. The
 * undo is an ordinary commit on top of later ones, and is refused when the same thing was changed since. Created tags
 * stay; drops, renames and creations cannot be undone.
 */

/**
 * @throws {AppError} not-found when the table has no such entry, not-supported when it cannot be undone (also when a
 *   value is too long for the audit and the metadata file that had it is gone), commit-conflict when it was changed
 *   since
 */
export async function undo(
  services: Pick<Services, 'catalogs' | 'database' | 'keys' | 'metadataFiles'>,
  identifier: TableIdentifier,
  entryId: string,
  options: Pick<IntentOptions, 'actor' | 'signal' | 'requestId' | 'idempotencyKey'>,
): Promise<CommittedIntents> {
  const entry = await readAudit(services.database, entryId)
  const catalog = await services.catalogs.open(identifier.catalog, options.actor)
  const table = await catalog.loadTable(identifier, { signal: options.signal })
  const { metadata } = table
  if (!entry || entry.tableUuid !== metadata.tableUuid) {
    throw new AppError('not-found', 'There is no such entry in the history of this table.')
  }
  const intents = await restoreFullValues(services.metadataFiles, undoIntents(entry), entry, table, options.signal)
  if (intents.length === 0) throw new AppError('not-supported', 'This change cannot be undone.')
  return commitIntents(services, identifier, intents, { ...options, action: 'undo', undoes: entry.id })
}

/** Whether *Undo* works on the table as it is: nothing that the entry changed was changed again. */
export function isUndoable(entry: AuditEntry, metadata: TableMetadata): boolean {
  const movedTo = entry.after?.refs?.main ?? null
  return (
    entry.undoneBy === null &&
    entry.tableUuid === metadata.tableUuid &&
    undoIntents(entry).length > 0 &&
    isStillApplied(entry.after?.properties, (name) =>
      Object.hasOwn(metadata.properties, name) ? metadata.properties[name] : undefined,
    ) &&
    (movedTo === null || movedTo === metadata.currentSnapshotId) &&
    hasSnapshot(metadata, entry.before?.refs?.main)
  )
}

/**
 * The intents with full values where the audit only stores digests. Values to be replaced come from the table as it is;
 * values to be restored come from the metadata that the entry's commit replaced.
 */
async function restoreFullValues(
  metadataFiles: MetadataFiles,
  intents: readonly Intent[],
  { before }: AuditEntry,
  table: LoadedTable,
  signal: AbortSignal,
): Promise<Intent[]> {
  const isShortened = intents.some((intent) => intent.kind === 'set-property' && isDigested(intent.value))
  const location = before?.metadataLocation ?? null
  const earlier =
    isShortened && location !== null ? await readEarlierMetadata(metadataFiles, table, location, signal) : null
  return intents.map((intent): Intent => {
    if (intent.kind !== 'set-property' && intent.kind !== 'remove-property') return intent
    const current = propertyValue(table.metadata.properties, intent.key)
    const base = isAuditValueOf(intent.base, current) ? current : intent.base
    if (intent.kind === 'remove-property' || !isDigested(intent.value)) return { ...intent, base }
    const value = earlier && propertyValue(earlier.properties, intent.key)
    if (value !== null && isAuditValueOf(intent.value, value)) return { ...intent, base, value }
    throw new AppError(
      'not-supported',
      `The earlier value of ${intent.key} is too long for the history, and the metadata file that had it is gone. ` +
        'Nothing was changed. If you have the value, set the property by hand.',
      { facts: { key: intent.key, metadataLocation: location } },
    )
  })
}

/** Empty when the entry cannot be undone. */
function undoIntents({ before, after }: AuditEntry): Intent[] {
  // A schema or a spec that data was written with since cannot be undone by its id alone.
  if (!before || !after || before.name !== after.name || after.layout) return []
  const properties = Object.entries(before.properties ?? {}).map(([key, value]): Intent => {
    const base = after.properties?.[key] ?? null
    return value === null ? { kind: 'remove-property', key, base } : { kind: 'set-property', key, value, base }
  })
  const [from, to] = [after.refs?.main ?? null, before.refs?.main ?? null]
  if (from === null && to === null) return properties
  // The first commit of a table has no earlier tip to go back to.
  if (from === null || to === null) return []
  return [...properties, { kind: 'set-ref', refName: 'main', fromSnapshotId: from, toSnapshotId: to }]
}

function isStillApplied(after: AuditState['properties'], currentValue: (name: string) => string | undefined): boolean {
  return Object.entries(after ?? {}).every(([name, value]) => isAuditValueOf(value, currentValue(name) ?? null))
}

function hasSnapshot({ snapshots }: TableMetadata, snapshotId: string | null | undefined): boolean {
  return snapshotId === null || snapshotId === undefined || snapshots.some((one) => one.snapshotId === snapshotId)
}
