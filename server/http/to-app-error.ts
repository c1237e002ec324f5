import 'server-only'
import { AppError } from '@/lib/errors'

/** Whatever was thrown after the one who asked left is their leaving, unless it is a failure we know by name. */
export function toAppError(error: unknown, signal: AbortSignal | undefined): AppError {
  if (error instanceof AppError) return error
  if (signal?.aborted || (error instanceof Error && error.name === 'AbortError')) {
    return new AppError('cancelled', 'The request was cancelled.', { cause: error })
  }
  return new AppError('internal', 'An unexpected error was logged under the request id.', { cause: error })
}
