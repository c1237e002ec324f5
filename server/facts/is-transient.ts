import 'server-only'
import { AppError, isDatabaseError } from '@/lib/errors'

/** Whether a later attempt may succeed without a change of the table: our database or the storage does not answer. */
export function isTransient(error: unknown): boolean {
  return isDatabaseError(error) || (error instanceof AppError && error.code === 'storage-unavailable')
}
