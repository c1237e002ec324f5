import { AppError } from '@/lib/errors'

/** For tests: returns the AppError that a call throws, so that its code and facts can be checked. */
export function catchAppError(work: () => unknown): AppError {
  try {
    work()
  } catch (error) {
    if (error instanceof AppError) return error
    throw error
  }
  throw new Error('Nothing was thrown')
}
