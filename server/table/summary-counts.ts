import 'server-only'
import { AppError } from '@/lib/errors'
import { propertyValue } from '@/lib/iceberg/properties/property-value'
import type { Snapshot } from '@/lib/iceberg/metadata/table-metadata'

/**
 * A count of a snapshot summary, which holds them as text.
 *
 * @returns null where the writer left it out
 * @throws {AppError} file-damaged when it is no count, or beyond what a number holds exactly
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

/** The engine that committed the snapshot, with its version where it says so; null where it does not. */
export function snapshotWriter(snapshot: Snapshot): string | null {
  const { summary } = snapshot
  const engine = summary['engine-name'] ?? (summary['spark.app.id'] === undefined ? undefined : 'spark')
  if (engine === undefined) return null
  const version = summary['engine-version']
  return version === undefined ? engine : `${engine} ${version}`
}
