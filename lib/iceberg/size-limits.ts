import { stringifyExactJson } from './exact-json'
import {
  requirePartitionSpecIsShort,
  requireSchemaIsShort,
  requireSortOrderIsShort,
  requireStatisticsAreShort,
} from './layout-limits'
import { propertyValue } from './property-value'
import type { PartitionSpec, Snapshot, SortOrder, TableMetadata } from './table-metadata'
import type { TableUpdate } from './table-update'
import { tooLong } from './too-long'
import type { Schema } from './types'
import type { ViewMetadata, ViewVersion } from './view-metadata'
import type { ViewUpdate } from './view-update'

/**
 * How long the texts of metadata may be. Whoever loads a table, by whatever door, loads all of them, and every commit
 * writes them again: one property of 30 MB makes each of both a matter of seconds, for everybody.
 *
 * What is there already stays readable, and commits that do not enlarge it pass. Lengths are in characters, as the
 * JSON has them.
 */

const MAX_PROPERTY_NAME_CHARS = 1000
/** A name mapping of ten thousand columns takes some 600,000. */
export const MAX_PROPERTY_CHARS = 1024 * 1024
const MAX_PROPERTIES_CHARS = 4 * MAX_PROPERTY_CHARS
/** A table keeps hundreds of snapshots; one with counts for each of a thousand partitions takes some 300,000. */
const MAX_SUMMARY_CHARS = 1024 * 1024
/** The longest queries that people wrote, rather than programs, have some 100,000. */
const MAX_VIEW_TEXT_CHARS = 1024 * 1024
/** One text in several dialects. */
const MAX_VIEW_VERSION_CHARS = 4 * MAX_VIEW_TEXT_CHARS

type Texts = Readonly<Record<string, string>>

/**
 * @param before properties that are replaced; a value may stay as long as it was
 * @throws {AppError} invalid-request with the facts `property`, `chars` and `maxChars`
 */
export function requirePropertiesFit(after: Texts, before: Texts = {}): void {
  for (const [name, value] of Object.entries(after)) {
    const was = propertyValue(before, name)
    if (was === value) continue
    if (name.length > MAX_PROPERTY_NAME_CHARS) {
      const what = `The name of the property ${name.slice(0, 60)}…`
      throw tooLong(what, { property: name.slice(0, 60), chars: name.length, maxChars: MAX_PROPERTY_NAME_CHARS })
    }
    if (value.length > Math.max(MAX_PROPERTY_CHARS, was?.length ?? 0)) {
      throw tooLong(`The property ${name}`, { property: name, chars: value.length, maxChars: MAX_PROPERTY_CHARS })
    }
  }
  const chars = countedChars(after)
  if (chars > Math.max(MAX_PROPERTIES_CHARS, countedChars(before))) {
    throw tooLong('All properties together', { property: null, chars, maxChars: MAX_PROPERTIES_CHARS })
  }
}

type NewTableTexts = {
  schema: Schema
  partitionSpec?: PartitionSpec | undefined
  sortOrder?: SortOrder | undefined
  properties: Texts
}

/** What a request makes a table of. @throws {AppError} invalid-request */
export function requireNewTableFits({ schema, partitionSpec, sortOrder, properties }: NewTableTexts): void {
  requirePropertiesFit(properties)
  requireSchemaIsShort(schema)
  if (partitionSpec) requirePartitionSpecIsShort(partitionSpec)
  if (sortOrder) requireSortOrderIsShort(sortOrder)
}

/** As {@link requireNewTableFits}, of a view. */
export function requireNewViewFits(view: { schema: Schema; version: ViewVersion; properties: Texts }): void {
  requirePropertiesFit(view.properties)
  requireSchemaIsShort(view.schema)
  requireVersionFits(view.version)
}

type TextsBefore = { properties: Texts; schemas?: readonly Schema[] }

/**
 * What a commit brings, of a table, a view or a namespace that has these properties and schemas; null of a new one.
 *
 * @throws {AppError} invalid-request
 */
export function requireUpdatesFit(updates: readonly (TableUpdate | ViewUpdate)[], texts: TextsBefore | null): void {
  const before = texts?.properties ?? {}
  let after = before
  for (const update of updates) {
    if (update.action === 'set-properties') after = { ...after, ...update.updates }
    if (update.action === 'remove-properties') {
      const removed = new Set(update.removals)
      after = Object.fromEntries(Object.entries(after).filter(([name]) => !removed.has(name)))
    }
    if (update.action === 'add-schema') requireSchemaIsShort(update.schema, texts?.schemas)
    if (update.action === 'add-spec') requirePartitionSpecIsShort(update.spec)
    if (update.action === 'add-sort-order') requireSortOrderIsShort(update.sortOrder)
    if (update.action === 'set-statistics') requireStatisticsAreShort(update.statistics)
    if (update.action === 'set-partition-statistics') requireStatisticsAreShort(update.partitionStatistics)
    if (update.action === 'add-snapshot') requireSnapshotFits(update.snapshot)
    if (update.action === 'add-view-version') requireVersionFits(update.viewVersion)
  }
  if (after !== before) requirePropertiesFit(after, before)
}

/** Metadata that a catalog takes in as it is. @throws {AppError} invalid-request */
export function requireTableFits({ properties, snapshots }: TableMetadata, before: Texts = {}): void {
  requirePropertiesFit(properties, before)
  for (const snapshot of snapshots) requireSnapshotFits(snapshot)
}

/** As {@link requireTableFits}, of a view. */
export function requireViewFits({ properties, versions }: ViewMetadata): void {
  requirePropertiesFit(properties)
  for (const version of versions) requireVersionFits(version)
}

function requireSnapshotFits({ snapshotId, summary }: Snapshot): void {
  const chars = charsOf(summary)
  if (chars <= MAX_SUMMARY_CHARS) return
  const longest = longestOf(summary)
  throw tooLong(`The summary of snapshot ${snapshotId}, most of it ${longest}`, {
    property: longest,
    chars,
    maxChars: MAX_SUMMARY_CHARS,
  })
}

/** @throws {AppError} invalid-request */
export function requireVersionFits({
  representations,
  summary,
}: Pick<ViewVersion, 'representations' | 'summary'>): void {
  let total = charsOf(summary)
  if (total > MAX_SUMMARY_CHARS) {
    const longest = longestOf(summary)
    throw tooLong(`The summary of the view's version, most of it ${longest}`, {
      property: longest,
      chars: total,
      maxChars: MAX_SUMMARY_CHARS,
    })
  }
  for (const one of representations) {
    const chars = one.type === 'sql' ? one.sql.length : stringifyExactJson(one.json).length
    const dialect = one.type === 'sql' ? one.dialect.slice(0, 60) : 'another language'
    if (chars > MAX_VIEW_TEXT_CHARS) {
      throw tooLong(`The view's text in ${dialect}`, { property: dialect, chars, maxChars: MAX_VIEW_TEXT_CHARS })
    }
    total += chars
  }
  if (total > MAX_VIEW_VERSION_CHARS) {
    throw tooLong("All of the view's texts together", {
      property: null,
      chars: total,
      maxChars: MAX_VIEW_VERSION_CHARS,
    })
  }
}

/** A value that is too long already counts as the longest that is allowed: beside it there is room for others. */
function countedChars(properties: Texts): number {
  const counted = Object.entries(properties).map(
    ([name, value]) => name.length + Math.min(value.length, MAX_PROPERTY_CHARS),
  )
  return counted.reduce((sum, chars) => sum + chars, 0)
}

function charsOf(texts: Texts): number {
  return Object.entries(texts).reduce((sum, [name, value]) => sum + name.length + value.length, 0)
}

function longestOf(texts: Texts): string {
  const [first] = Object.entries(texts).toSorted(([, a], [, b]) => b.length - a.length)
  return (first?.[0] ?? '').slice(0, 60)
}
