import 'server-only'
import type { ManifestEntry } from '@/lib/iceberg/manifest'
import { KeptByBytes } from '@/lib/kept-by-bytes'
import type { KeptManifests } from '@/lib/scan/snapshot-manifests'

const MAX_BYTES = 256 * 1024 * 1024
const ENTRY_BYTES = 800 // measured 713: an entry without the block that its metrics are decoded from

/** Decoded manifests of all tables. */
export class ManifestCache {
  readonly #kept: KeptByBytes<readonly ManifestEntry[]>

  constructor(maxBytes = MAX_BYTES) {
    this.#kept = new KeptByBytes({ maxBytes })
  }

  /** @param scope what of a table decides how its manifests are decoded, and who may see them */
  within(scope: string): KeptManifests {
    const within = (key: string) => `${scope}\n${key}`
    return {
      get: (key) => this.#kept.get(within(key)),
      set: (key, entries, decodedBytes) =>
        this.#kept.set(within(key), entries, decodedBytes + entries.length * ENTRY_BYTES),
    }
  }
}
