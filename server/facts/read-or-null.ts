import 'server-only'
import { AppError } from '@/lib/errors'
import { isTransient } from './is-transient'

/** The result; null if it cannot be read. Failures that a later attempt may not meet are thrown. */
export async function readOrNull<Result>(signal: AbortSignal, read: () => Promise<Result>): Promise<Result | null> {
  try {
    return await read()
  } catch (error) {
    if (signal.aborted || isTransient(error) || !(error instanceof AppError)) throw error
    return null
  }
}
