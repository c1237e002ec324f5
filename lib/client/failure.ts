import { AppError } from '@/lib/errors'

/** A thrown value as a failure that a page can show. */
export function toFailure(error: unknown): AppError {
  return error instanceof AppError ? error : new AppError('internal', String(error), { cause: error })
}
