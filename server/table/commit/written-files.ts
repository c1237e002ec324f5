import 'server-only'
import type { Log } from '@/server/log'
import type { ObjectStore } from '@/server/storage/object-store'

type SnapshotFileKind = 'manifest' | 'manifest list'

/**
 * Called with each metadata file before it is written; an error stops the operation. The commit follows the manifest
 * list. The metadata of the table is written by its catalog, or by the server of the catalog, which does not call it.
 */
export type BeforeWrite = (location: string, kind: SnapshotFileKind | 'table metadata') => Promise<void>

/** The metadata files that one operation wrote. Only these may be removed. */
export class WrittenFiles {
  readonly #log: Log
  readonly #store: ObjectStore
  readonly #beforeWrite: BeforeWrite | undefined
  readonly #locations: string[] = []

  constructor(log: Log, store: ObjectStore, beforeWrite: BeforeWrite | undefined) {
    this.#log = log
    this.#store = store
    this.#beforeWrite = beforeWrite
  }

  async write(location: string, kind: SnapshotFileKind, bytes: Uint8Array): Promise<void> {
    await this.#beforeWrite?.(location, kind)
    this.#locations.push(location)
    await this.#store.writeNew(location, bytes)
  }

  /** A leftover file is harmless, so a failed removal does not change the outcome of the operation. */
  async removeAllExcept(locationsToKeep: readonly string[]): Promise<void> {
    const retained = new Set(locationsToKeep)
    for (const location of this.#locations.filter((one) => !retained.has(one))) {
      try {
        await this.#store.remove(location)
      } catch (error) {
        this.#log.error(error, { doing: 'removing a file of an operation that was not committed', location })
      }
    }
  }
}
