import 'server-only'
import { nullIfNotFound } from './null-if-not-found'

/** Whether something exists: false when reading it fails with `not-found`. Other failures are thrown. */
export async function isFound(read: () => Promise<unknown>): Promise<boolean> {
  const found = await nullIfNotFound(async () => {
    await read()
    return true
  })
  return found ?? false
}
