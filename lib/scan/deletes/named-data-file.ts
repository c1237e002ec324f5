import { compareBytes } from '@/lib/compare-bytes'
import type { DataFile } from '@/lib/iceberg/manifest/manifest'
import { DELETE_FILE_PATH_ID } from './position-deletes'

/**
 * The location of the only data file to which a file of deletes by position applies; null if it may apply to several.
 *
 * Spec: Iceberg table spec, *Position Delete Files*: the file names it, or the bounds of its paths are equal.
 */
export function namedDataFile({ content, referencedDataFile, metrics }: DataFile): string | null {
  if (content !== 'position-deletes') return null
  if (referencedDataFile !== null) return referencedDataFile
  const { lower, upper } = pathBounds({ metrics })
  if (lower === undefined || upper === undefined || compareBytes(lower, upper) !== 0) return null
  return new TextDecoder().decode(lower)
}

/** Bounds are decoded on each access, so a caller that needs them often reads them once. */
export function pathBounds({ metrics }: Pick<DataFile, 'metrics'>): {
  lower: Uint8Array | undefined
  upper: Uint8Array | undefined
} {
  return {
    lower: metrics.lowerBounds.get(DELETE_FILE_PATH_ID),
    upper: metrics.upperBounds.get(DELETE_FILE_PATH_ID),
  }
}
