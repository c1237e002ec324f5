import 'server-only'
import { AppError } from '@/lib/errors'

/** The result; null if reading it fails with `not-found`. Other failures are thrown. */
export async function nullIfNotFound<Found>(read: () => Promise<Found>): Promise<Found | null> {
  try {
    return await read()
  } catch (error) {
    if (error instanceof AppError && error.code === 'not-found') return null
    throw error
  }
}
