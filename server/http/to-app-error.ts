import 'server-only'
import { AppError } from '@/lib/errors'

/** A failure after the client left counts as cancelled, unless it is an expected failure. */
export function toAppError(error: unknown, signal: AbortSignal | undefined): AppError {
  if (error instanceof AppError) return error
  if (signal?.aborted || (error instanceof Error && error.name === 'AbortError')) {
    return new AppError('cancelled', 'The request was cancelled.', { cause: error })
  }
  return new AppError('internal', 'An unexpected error was logged under the request id.', { cause: error })
}
