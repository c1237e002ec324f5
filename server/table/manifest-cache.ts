import 'server-only'
import type { ManifestEntry } from '@/lib/iceberg/manifest/manifest'
import { LRUCache } from 'lru-cache'
import type { LayoutCache, ManifestLayout } from '@/lib/scan/plan/manifest-layout'
import type { ManifestEntryCache } from '@/lib/scan/snapshot-manifests'
import { createTurns } from './take-turns'

const MAX_BYTES = 256 * 1024 * 1024
const ENTRY_BYTES = 800 // measured 713: an entry without the block that its metrics are decoded from
const MAX_LAYOUT_BYTES = 64 * 1024 * 1024
const LAYOUT_BYTES = 200
const PLANNED_MANIFEST_BYTES = 700

/** Decoded manifests and manifest lists of all tables. */
export class ManifestCache {
  readonly #entries: LRUCache<string, readonly ManifestEntry[]>
  readonly #layouts: LRUCache<string, ManifestLayout>
  /** For decoding what is not cached. */
  readonly takeTurns = createTurns()

  constructor(maxBytes = MAX_BYTES, maxLayoutBytes = MAX_LAYOUT_BYTES) {
    this.#entries = new LRUCache({ maxSize: maxBytes })
    this.#layouts = new LRUCache({ maxSize: maxLayoutBytes })
  }

  /** @param scope what decides how a table's manifests are decoded, and who may see them */
  cacheFor(scope: string): ManifestEntryCache {
    const toScopedKey = (key: string) => `${scope}\n${key}`
    return {
      get: (key) => this.#entries.get(toScopedKey(key)),
      set: (key, entries, decodedBytes) => {
        this.#entries.set(toScopedKey(key), entries, { size: decodedBytes + entries.length * ENTRY_BYTES })
      },
    }
  }

  /** @param scope as for {@link cacheFor} */
  layoutsFor(scope: string): LayoutCache {
    const toScopedKey = (key: string) => `${scope}\n${key}`
    return {
      get: (key) => this.#layouts.get(toScopedKey(key)),
      set: (key, layout) => {
        const size = LAYOUT_BYTES + layout.manifests.length * PLANNED_MANIFEST_BYTES
        this.#layouts.set(toScopedKey(key), layout, { size })
      },
    }
  }
}
