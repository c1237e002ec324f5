import 'server-only'
import { AppError } from '@/lib/errors'

/** Messages of DuckDB when its memory and its part of the disk are used up. An appender has no kind of error before them. */
const FULL = /^Out of Memory Error|max_temp_directory_size|failed to (?:offload|allocate|pin)/

/** DuckDB's limits, in words of the user; any other error as it is. */
export function toKeyLimitError(error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof AppError) return error
  if (error.message.includes('No space left on device'))
    return new AppError('storage-full', 'The disk of the worker is full. Nothing of this run was stored.', {
      cause: error,
    })
  if (!FULL.test(error.message)) return error
  return new AppError(
    'too-large',
    'The keys of the load need more memory and temporary space than a run may take. Load the rows in parts.',
    { cause: error },
  )
}
