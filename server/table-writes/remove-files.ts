import 'server-only'
import type { ObjectStore } from '@/server/storage/object-store'

/** Removes as many as it can: the journal of a run that has lost its last worker is not read again. */
export async function removeFiles(store: ObjectStore, locations: readonly string[]): Promise<void> {
  const failures: unknown[] = []
  for (const location of locations) {
    try {
      await store.remove(location)
    } catch (error) {
      failures.push(error)
    }
  }
  if (failures.length > 0) throw failures[0]
}
