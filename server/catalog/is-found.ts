import 'server-only'
import { AppError } from '@/lib/errors'

/** Whether something exists: false when reading it fails with `not-found`. Other failures are thrown. */
export async function isFound(read: () => Promise<unknown>): Promise<boolean> {
  try {
    await read()
    return true
  } catch (error) {
    if (error instanceof AppError && error.code === 'not-found') return false
    throw error
  }
}
