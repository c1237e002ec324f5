import type { DataFile } from '@/lib/iceberg/manifest/manifest'
import { equalBound, mightBoundPath, type PathBounds, toPathBounds } from './path-bounds'
import { DELETE_FILE_PATH_ID } from './position-deletes'

/**
 * The location of the only data file to which a file of deletes by position applies; null if it may apply to several.
 * Some writers truncate all bounds. Equal ones may then be the beginning of several paths, so a location that is not
 * that of a data file proves nothing: {@link mightNameOneOf} tells whether it may apply to some.
 *
 * Spec: Iceberg table spec, *Position Delete Files*: the file names it, or the bounds of its paths are equal.
 */
export function namedDataFile({ content, referencedDataFile, metrics }: DataFile): string | null {
  if (content !== 'position-deletes') return null
  if (referencedDataFile !== null) return referencedDataFile
  const equal = equalBound(pathBounds({ metrics }))
  return equal === null ? null : new TextDecoder().decode(equal)
}

/** Bounds are decoded on each access, so a caller that needs them often reads them once. */
export function pathBounds({ metrics }: Pick<DataFile, 'metrics'>): PathBounds {
  return toPathBounds(metrics.lowerBounds.get(DELETE_FILE_PATH_ID), metrics.upperBounds.get(DELETE_FILE_PATH_ID))
}

/** Whether a file of deletes by position might apply to one of the data files at these paths. */
export function mightNameOneOf(
  file: Pick<DataFile, 'referencedDataFile' | 'metrics'>,
  paths: ReadonlySet<string>,
): boolean {
  if (file.referencedDataFile !== null) return paths.has(file.referencedDataFile)
  const [bounds, encoder] = [pathBounds(file), new TextEncoder()]
  return [...paths].some((path) => mightBoundPath(bounds, encoder.encode(path)))
}
