import 'server-only'
import { AppError } from '@/lib/errors'
import { formatList } from '@/lib/format/sentence'
import { MAIN_BRANCH } from '@/lib/iceberg/metadata/main-branch'
import { currentSchema } from '@/lib/iceberg/metadata/current-layout'
import { mightHoldLiveFiles } from '@/lib/iceberg/manifest/count-entries'
import type { DataFile } from '@/lib/iceberg/manifest/manifest'
import { type IndexedField, indexFields } from '@/lib/iceberg/schema/schema'
import { readManifestEntries, readSnapshotManifests, toScanOrder } from '@/lib/scan/snapshot-manifests'
import type { LoadedTable } from '@/server/catalog/port/loaded-table'
import { hasWriteDefault } from '../cast/write-default'
import { snapshotSource } from '../land/snapshot-source'

/**
 * Columns that a load would fill with nulls only, although they have values in the table: most likely a header was
 * renamed.
 */

/** A column without a value in the newest files is taken for one that is always null. */
const MAX_MANIFESTS = 20
const SHOWN_NAMES = 5

/**
 * The given columns that have a value in the newest files of a branch, as far as the metrics of the files say. A column
 * whose files have no metrics may have values.
 *
 * @param columns names of columns, or paths of fields inside them, without a field; those with a write default get that
 *   instead of null
 * @throws {AppError} file-missing, file-damaged; what the store throws
 */
export async function findEmptiedColumns(
  { metadata, store }: Pick<LoadedTable, 'metadata' | 'store'>,
  { columns, branch }: { columns: readonly string[]; branch: string | null },
  signal: AbortSignal,
): Promise<string[]> {
  const schema = currentSchema(metadata)
  const open = findOpenColumns(indexFields(schema), columns)
  const ref = metadata.refs[branch ?? MAIN_BRANCH] ?? metadata.refs[MAIN_BRANCH]
  const snapshot = metadata.snapshots.find(({ snapshotId }) => snapshotId === ref?.snapshotId) ?? null
  if (open.size === 0 || snapshot === null) return []
  const source = snapshotSource(store, signal)
  const manifests = (await readSnapshotManifests({ metadata, snapshot }, source)).filter(
    (manifest) => manifest.content === 'data' && mightHoldLiveFiles(manifest),
  )
  const found = new Set<string>()
  for (const manifest of toScanOrder(manifests).toReversed().slice(0, MAX_MANIFESTS)) {
    for (const { status, dataFile } of await readManifestEntries(metadata, manifest, source)) {
      if (status === 'deleted') continue
      for (const [name, fieldIds] of open) {
        if (!fieldIds.some((fieldId) => mightHaveValue(dataFile, fieldId))) continue
        found.add(name)
        open.delete(name)
      }
    }
    if (open.size === 0) break
  }
  return columns.filter((name) => found.has(name))
}

/** The ids of the primitive fields of each column, or of each field inside one, by its path with dots. */
function findOpenColumns(fields: ReadonlyMap<number, IndexedField>, columns: readonly string[]): Map<string, number[]> {
  const named = new Set(columns)
  const open = new Map<string, number[]>()
  for (const [id, { field, path }] of fields) {
    const names = path.map((_name, i) => path.slice(0, i + 1).join('.'))
    const own = names.at(-1) ?? ''
    if (named.has(own) && !hasWriteDefault(field) && !open.has(own)) open.set(own, [])
    if (typeof field.type === 'string') for (const name of names) open.get(name)?.push(id)
  }
  return open
}

/** A file that was written before the column was added has counts, but none of the column. */
function mightHaveValue({ recordCount, metrics }: DataFile, fieldId: number): boolean {
  const { columnSizesBytes, valueCounts, nullValueCounts } = metrics
  const nullCount = nullValueCounts.get(fieldId)
  if (nullCount !== undefined) return (valueCounts.get(fieldId) ?? recordCount) > nullCount
  return recordCount > 0 && (columnSizesBytes.has(fieldId) || columnSizesBytes.size + valueCounts.size === 0)
}

/** @throws {AppError} invalid-request, unless there are none */
export function requireNoneEmptied(columns: readonly string[]): void {
  const [first] = columns
  if (first === undefined) return
  const shown = columns.slice(0, SHOWN_NAMES)
  const names = formatList(shown.length < columns.length ? [...shown, `${columns.length - shown.length} more`] : shown)
  const verb = columns.length === 1 ? 'has' : 'have'
  throw new AppError(
    'invalid-request',
    `No file has a field for ${names}, which ${verb} values in the table and would be null in every row of the load. Nothing was loaded. Map a field, or confirm the nulls (--allow-null-columns, allowNullColumns).`,
    { facts: { column: first, option: '--allow-null-columns' } },
  )
}
