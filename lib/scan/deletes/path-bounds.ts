import { compareBytes } from '@/lib/compare-bytes'
import { isUtf8 } from '@/lib/is-utf8'
import { startsWithBytes } from '../predicate/comparable'

/** The least and the greatest path in some rows of a file of deletes by position, in UTF-8; either may be truncated. */
export type PathBounds = { lower: Uint8Array | undefined; upper: Uint8Array | undefined }

/** The bounds that a writer stated. One that is not UTF-8 is not the beginning of a path, and says nothing. */
export function toPathBounds(lower: Uint8Array | null | undefined, upper: Uint8Array | null | undefined): PathBounds {
  const [least, greatest] = [lower, upper].map((bound) => (bound && isUtf8(bound) ? bound : undefined))
  return { lower: least, upper: greatest }
}

/** The bound that both are: the path of each row, or its beginning; null if they differ or one is missing. */
export function equalBound({ lower, upper }: PathBounds): Uint8Array | null {
  return lower !== undefined && upper !== undefined && compareBytes(lower, upper) === 0 ? lower : null
}

/**
 * Whether rows with these bounds might name a path, in UTF-8. Contradictory bounds exclude none, and a truncated upper
 * bound is not always incremented: paths that start with it may follow it.
 */
export function mightBoundPath({ lower, upper }: PathBounds, path: Uint8Array): boolean {
  if (lower !== undefined && upper !== undefined && compareBytes(lower, upper) > 0) return true
  if (lower !== undefined && compareBytes(lower, path) > 0) return false
  return upper === undefined || compareBytes(upper, path) >= 0 || startsWithBytes(path, upper)
}
