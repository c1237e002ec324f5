import { stringifyExactJson } from '../json/exact-json'
import {
  enforcePartitionSpecLimits,
  enforceSchemaLimits,
  enforceSortOrderLimits,
  enforceStatisticsLimits,
} from './layout-limits'
import { enforceNameLimits } from '../../names/name-limits'
import { propertyValue } from '../properties/property-value'
import type { Snapshot, TableMetadata } from '../metadata/table-metadata'
import type { TableUpdate } from './table-update'
import { MAX_PROPERTY_CHARS, MAX_PROPERTY_NAME_CHARS } from '../text-limits'
import { textTooLongError } from './text-too-long-error'
import type { Schema } from '../schema/types'
import type { ViewMetadata, ViewVersion } from '../view/view-metadata'
import type { ViewUpdate } from '../view/view-update'
import type { PartitionSpec } from '../partitioning/partition-spec'
import type { SortOrder } from '../partitioning/sort-order'

/**
 * Limits the length of texts in metadata. Every load of a table reads all of them, and every commit writes them again:
 * one property of 30 MB makes both take seconds for every client.
 *
 * Existing texts stay readable, and commits that do not enlarge them pass. Lengths are in characters of the JSON.
 */

const MAX_PROPERTIES_CHARS = 4 * MAX_PROPERTY_CHARS
/** A table keeps hundreds of snapshots. A summary with counts for each of a thousand partitions takes about 300,000. */
export const MAX_SUMMARY_CHARS = 1024 * 1024
/** The longest queries that people wrote, rather than programs, have about 100,000. */
export const MAX_VIEW_TEXT_CHARS = 1024 * 1024
/** One query in several dialects. */
const MAX_VIEW_VERSION_CHARS = 4 * MAX_VIEW_TEXT_CHARS

type TextMap = Readonly<Record<string, string>>

/**
 * @param before the properties that are replaced; a value may stay as long as it was
 * @throws {AppError} invalid-request with the facts `property`, `chars` and `maxChars`
 */
export function enforcePropertyLimits(after: TextMap, before: TextMap = {}): void {
  const removed = Object.keys(before).filter((name) => !Object.hasOwn(after, name))
  const nulls = removed.map((name): [string, null] => [name, null])
  enforceChangedProperties(new Map<string, string | null>([...Object.entries(after), ...nulls]), before)
}

/** Like {@link enforcePropertyLimits}. @param changed the values by name; null for one that is removed */
function enforceChangedProperties(changed: ReadonlyMap<string, string | null>, before: TextMap): void {
  let addedChars = 0
  for (const [name, value] of changed) {
    const previous = propertyValue(before, name)
    if (previous === value) continue
    if (value !== null) enforcePropertyLimit(name, value, previous)
    addedChars += cappedChars(name, value) - cappedChars(name, previous)
  }
  if (addedChars <= 0) return
  const chars = countCappedChars(before) + addedChars
  if (chars > MAX_PROPERTIES_CHARS) {
    throw textTooLongError('All properties together', { property: null, chars, maxChars: MAX_PROPERTIES_CHARS })
  }
}

function enforcePropertyLimit(name: string, value: string, previous: string | null): void {
  if (name.length > MAX_PROPERTY_NAME_CHARS) {
    const subject = `The name of the property ${name.slice(0, 60)}…`
    throw textTooLongError(subject, {
      property: name.slice(0, 60),
      chars: name.length,
      maxChars: MAX_PROPERTY_NAME_CHARS,
    })
  }
  if (value.length > Math.max(MAX_PROPERTY_CHARS, previous?.length ?? 0)) {
    throw textTooLongError(`The property ${name}`, {
      property: name,
      chars: value.length,
      maxChars: MAX_PROPERTY_CHARS,
    })
  }
}

type NewTable = {
  schema: Schema
  partitionSpec?: PartitionSpec | undefined
  sortOrder?: SortOrder | undefined
  properties: TextMap
}

/** Enforces the limits on a new table. @throws {AppError} invalid-request */
export function enforceNewTableLimits({ schema, partitionSpec, sortOrder, properties }: NewTable): void {
  enforcePropertyLimits(properties)
  enforceSchemaLimits(schema)
  if (partitionSpec) enforcePartitionSpecLimits(partitionSpec)
  if (sortOrder) enforceSortOrderLimits(sortOrder)
}

/** Like {@link enforceNewTableLimits}, for a view. */
export function enforceNewViewLimits(view: { schema: Schema; version: ViewVersion; properties: TextMap }): void {
  enforcePropertyLimits(view.properties)
  enforceSchemaLimits(view.schema)
  enforceViewVersionLimits(view.version)
}

type ExistingTexts = { properties: TextMap; schemas?: readonly Schema[] }

/**
 * Enforces the limits on additions to a table, a view or a namespace with these properties and schemas; null for a new
 * one.
 *
 * @throws {AppError} invalid-request
 */
export function enforceUpdateLimits(
  updates: readonly (TableUpdate | ViewUpdate)[],
  existing: ExistingTexts | null,
): void {
  const changed = new Map<string, string | null>()
  for (const update of updates) {
    if (update.action === 'set-properties') {
      for (const [name, value] of Object.entries(update.updates)) changed.set(name, value)
    }
    if (update.action === 'remove-properties') for (const name of update.removals) changed.set(name, null)
    if (update.action === 'add-schema') enforceSchemaLimits(update.schema, existing?.schemas)
    if (update.action === 'add-spec') enforcePartitionSpecLimits(update.spec)
    if (update.action === 'add-sort-order') enforceSortOrderLimits(update.sortOrder)
    if (update.action === 'set-statistics') enforceStatisticsLimits(update.statistics)
    if (update.action === 'set-partition-statistics') enforceStatisticsLimits(update.partitionStatistics)
    if (update.action === 'add-snapshot') enforceSnapshotLimits(update.snapshot)
    if (update.action === 'add-view-version') enforceViewVersionLimits(update.viewVersion)
  }
  enforceChangedProperties(changed, existing?.properties ?? {})
}

/** Metadata that a catalog registers as it is. @throws {AppError} invalid-request */
export function enforceTableLimits({ properties, snapshots }: TableMetadata, before: TextMap = {}): void {
  enforcePropertyLimits(properties, before)
  for (const snapshot of snapshots) enforceSnapshotLimits(snapshot)
}

/** Like {@link enforceTableLimits}, for a view. */
export function enforceViewLimits({ properties, versions }: ViewMetadata): void {
  enforcePropertyLimits(properties)
  for (const version of versions) enforceViewVersionLimits(version)
}

function enforceSnapshotLimits({ snapshotId, summary }: Snapshot): void {
  const chars = countChars(summary)
  if (chars <= MAX_SUMMARY_CHARS) return
  const longest = longestName(summary)
  throw textTooLongError(`The summary of snapshot ${snapshotId}, most of it ${longest}`, {
    property: longest,
    chars,
    maxChars: MAX_SUMMARY_CHARS,
  })
}

/** @throws {AppError} invalid-request */
export function enforceViewVersionLimits({
  representations,
  summary,
  defaultCatalog,
  defaultNamespace,
}: ViewVersion): void {
  enforceNameLimits({ catalog: defaultCatalog ?? '', namespace: defaultNamespace })
  let total = countChars(summary)
  if (total > MAX_SUMMARY_CHARS) {
    const longest = longestName(summary)
    throw textTooLongError(`The summary of the view's version, most of it ${longest}`, {
      property: longest,
      chars: total,
      maxChars: MAX_SUMMARY_CHARS,
    })
  }
  for (const representation of representations) {
    const chars =
      representation.type === 'sql' ? representation.sql.length : stringifyExactJson(representation.json).length
    const dialect = representation.type === 'sql' ? representation.dialect.slice(0, 60) : 'another language'
    if (chars > MAX_VIEW_TEXT_CHARS) {
      throw textTooLongError(`The view's text in ${dialect}`, {
        property: dialect,
        chars,
        maxChars: MAX_VIEW_TEXT_CHARS,
      })
    }
    total += chars
  }
  if (total > MAX_VIEW_VERSION_CHARS) {
    throw textTooLongError("All of the view's texts together", {
      property: null,
      chars: total,
      maxChars: MAX_VIEW_VERSION_CHARS,
    })
  }
}

function countCappedChars(properties: TextMap): number {
  return Object.entries(properties).reduce((sum, [name, value]) => sum + cappedChars(name, value), 0)
}

/** A value that is already too long counts as the longest allowed value, which leaves room for other properties. */
function cappedChars(name: string, value: string | null): number {
  return value === null ? 0 : name.length + Math.min(value.length, MAX_PROPERTY_CHARS)
}

function countChars(textMap: TextMap): number {
  return Object.entries(textMap).reduce((sum, [name, value]) => sum + name.length + value.length, 0)
}

function longestName(textMap: TextMap): string {
  const [first] = Object.entries(textMap).toSorted(([, a], [, b]) => b.length - a.length)
  return (first?.[0] ?? '').slice(0, 60)
}
