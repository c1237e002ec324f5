import 'server-only'
import { AppError } from '@/lib/errors'
import { propertyValue } from '@/lib/iceberg/properties/property-value'
import type { Snapshot } from '@/lib/iceberg/metadata/table-metadata'

/**
 * A count from a snapshot summary, whose values are text.
 *
 * @returns null when the writer left it out
 * @throws {AppError} file-damaged when it is not a count, or is not a safe integer
 */
export function summaryCount(snapshot: Snapshot, key: string): number | null {
  const text = propertyValue(snapshot.summary, key)
  if (text === null) return null
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN
  if (Number.isSafeInteger(value)) return value
  throw new AppError(
    'file-damaged',
    `The summary of snapshot ${snapshot.snapshotId} says ${key} = ${text.slice(0, 40)}`,
  )
}

/** The figures of a table at a snapshot, from its summary; zero without a snapshot. */
export function snapshotFigures(snapshot: Snapshot | null) {
  const countOf = (key: string) => (snapshot ? summaryCount(snapshot, key) : 0)
  return {
    rowCount: countOf('total-records'),
    liveBytes: countOf('total-files-size'),
    dataFileCount: countOf('total-data-files'),
    deleteFileCount: countOf('total-delete-files'),
  }
}

/** The library that the writer of a snapshot used, as its summary names it, without the commit; null if it does not. */
export function snapshotLibrary({ summary }: Snapshot): string | null {
  const [library = ''] = summary['iceberg-version']?.split(' (') ?? []
  return library === '' ? null : library
}

/**
 * The engine that committed the snapshot, with its version when the summary has one; null when the summary names no
 * engine.
 */
export function snapshotWriter(snapshot: Snapshot): string | null {
  const { summary } = snapshot
  const engine = summary['engine-name'] ?? (summary['spark.app.id'] === undefined ? undefined : 'spark')
  if (engine === undefined) return null
  const version = summary['engine-version']
  return version === undefined ? engine : `${engine} ${version}`
}
