import { AppError } from '@/lib/errors'

/** For tests: the failure that a call ends in, so that its code and facts can be looked at. */
export function catchAppError(work: () => unknown): AppError {
  try {
    work()
  } catch (error) {
    if (error instanceof AppError) return error
    throw error
  }
  throw new Error('Nothing was thrown')
}
