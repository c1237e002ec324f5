import { AppError } from '@/lib/errors'
import { MAIN_BRANCH, readTableMetadata, writeTableMetadata } from './metadata-json'
import { propertyValue } from '../properties/property-value'
import type { SnapshotRef, TableMetadata } from './table-metadata'

/**
 * Writes the changes of a commit as the metadata file would contain them, and reads them back: a table whose metadata
 * cannot be read is lost. Unchanged parts have been read before and are not read again, so the cost depends on the
 * change, not on the table. For a new or upgraded table everything is read.
 *
 * @param before null for a new table
 * @throws {AppError} invalid-request
 */
export function requireReadableMetadata(after: TableMetadata, before: TableMetadata | null): void {
  const isFullRead = before === null || before.formatVersion !== after.formatVersion
  readBack('table', () => readTableMetadata(writeTableMetadata(isFullRead ? after : changedParts(after, before))))
}

/**
 * @throws {AppError} invalid-request if the written metadata cannot be read
 */
export function readBack(kind: 'table' | 'view', read: () => unknown): void {
  try {
    read()
  } catch (error) {
    if (!(error instanceof AppError)) throw error
    throw new AppError('invalid-request', `The ${kind} would be unreadable after this change: ${error.message}`, {
      cause: error,
      facts: { ...error.facts },
    })
  }
}

/** The new or newly selected parts of the metadata, with everything that they refer to. */
function changedParts(after: TableMetadata, before: TableMetadata): TableMetadata {
  const refs = changedRefs(after.refs, before.refs)
  const referencedIds = new Set(Object.values(refs).map(({ snapshotId }) => snapshotId))
  if (after.currentSnapshotId !== null) referencedIds.add(after.currentSnapshotId)
  return {
    ...after,
    refs,
    schemas: changedItems(after.schemas, before.schemas, ({ schemaId }) => schemaId === after.currentSchemaId),
    partitionSpecs: changedItems(
      after.partitionSpecs,
      before.partitionSpecs,
      ({ specId }) => specId === after.defaultSpecId,
    ),
    sortOrders: changedItems(
      after.sortOrders,
      before.sortOrders,
      ({ orderId }) => orderId === after.defaultSortOrderId,
    ),
    properties: changedTexts(after.properties, before.properties),
    snapshots: changedItems(after.snapshots, before.snapshots, ({ snapshotId }) => referencedIds.has(snapshotId)),
    snapshotLog: changedItems(after.snapshotLog, before.snapshotLog),
    metadataLog: changedItems(after.metadataLog, before.metadataLog),
    encryptionKeys: changedItems(after.encryptionKeys, before.encryptionKeys),
    statistics: changedItems(after.statistics, before.statistics),
    partitionStatistics: changedItems(after.partitionStatistics, before.partitionStatistics),
  }
}

type Refs = Readonly<Record<string, SnapshotRef>>

function changedRefs(after: Refs, before: Refs): Refs {
  const isKnown = ([name, ref]: [string, SnapshotRef]): boolean => name !== MAIN_BRANCH && before[name] === ref
  return Object.fromEntries(Object.entries(after).filter((entry) => !isKnown(entry)))
}

type Texts = Readonly<Record<string, string>>

function changedTexts(after: Texts, before: Texts): Texts {
  if (after === before) return {}
  return Object.fromEntries(Object.entries(after).filter(([name, text]) => propertyValue(before, name) !== text))
}

function changedItems<Item>(
  after: readonly Item[],
  before: readonly Item[],
  isChosen: (item: Item) => boolean = () => false,
): readonly Item[] {
  if (after === before) return after.filter(isChosen)
  const known = new Set(before)
  return after.filter((item) => !known.has(item) || isChosen(item))
}
