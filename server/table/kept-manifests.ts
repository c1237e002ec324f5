import 'server-only'
import type { ManifestEntry } from '@/lib/iceberg/manifest'
import type { KeptManifests } from '@/lib/scan/snapshot-manifests'

const MAX_BYTES = 256 * 1024 * 1024
const ENTRY_BYTES = 800 // measured 713: an entry without the block that its metrics are decoded from

type Kept = { entries: readonly ManifestEntry[]; bytes: number }

/**
 * Decoded manifests of all tables, the least recently used given up first. A manifest that alone is larger than the
 * whole is not kept.
 */
export class ManifestCache {
  readonly #maxBytes: number
  /** In order of last use. */
  readonly #kept = new Map<string, Kept>()
  #bytes = 0

  constructor(maxBytes = MAX_BYTES) {
    this.#maxBytes = maxBytes
  }

  /** @param scope what else decides how a manifest of this path is decoded, and who may see it */
  within(scope: string): KeptManifests {
    const keyOf = (manifestPath: string) => `${scope}\n${manifestPath}`
    return {
      get: (manifestPath) => this.#get(keyOf(manifestPath)),
      set: (manifestPath, entries, decodedBytes) => this.#set(keyOf(manifestPath), entries, decodedBytes),
    }
  }

  #get(key: string): readonly ManifestEntry[] | undefined {
    const kept = this.#kept.get(key)
    if (!kept) return undefined
    this.#kept.delete(key)
    this.#kept.set(key, kept)
    return kept.entries
  }

  #set(key: string, entries: readonly ManifestEntry[], decodedBytes: number): void {
    const bytes = decodedBytes + entries.length * ENTRY_BYTES
    this.#forget(key)
    if (bytes > this.#maxBytes) return
    this.#kept.set(key, { entries, bytes })
    this.#bytes += bytes
    for (const oldest of this.#kept.keys()) {
      if (this.#bytes <= this.#maxBytes) return
      this.#forget(oldest)
    }
  }

  #forget(key: string): void {
    this.#bytes -= this.#kept.get(key)?.bytes ?? 0
    this.#kept.delete(key)
  }
}
