import 'server-only'
import type { ManifestEntry } from '@/lib/iceberg/manifest/manifest'
import { LRUCache } from 'lru-cache'
import type { DeleteIndex } from '@/lib/scan/deletes/delete-index'
import type { ManifestLayout, PlanCache } from '@/lib/scan/plan/manifest-layout'
import type { ManifestEntryCache } from '@/lib/scan/snapshot-manifests'
import { createTurns } from '@/server/timing/take-turns'

const MAX_BYTES = 256 * 1024 * 1024
const ENTRY_BYTES = 800 // measured 713: an entry without the block that its metrics are decoded from
const MAX_LAYOUT_BYTES = 64 * 1024 * 1024
const LAYOUT_BYTES = 200
const PLANNED_MANIFEST_BYTES = 700
const MAX_DELETES_BYTES = 256 * 1024 * 1024
/** An entry of the index; its bounds may be the longest part. */
const DELETE_FILE_BYTES = 1_500

/** Decoded manifests and manifest lists of all tables. */
export class ManifestCache {
  readonly #entries: LRUCache<string, readonly ManifestEntry[]>
  readonly #maxBytes: number
  readonly #layouts: LRUCache<string, ManifestLayout>
  readonly #deletes = new LRUCache<string, DeleteIndex>({ maxSize: MAX_DELETES_BYTES })
  /** For decoding on a cache miss. */
  readonly takeTurns = createTurns()

  constructor(maxBytes = MAX_BYTES, maxLayoutBytes = MAX_LAYOUT_BYTES) {
    this.#entries = new LRUCache({ maxSize: maxBytes })
    this.#maxBytes = maxBytes
    this.#layouts = new LRUCache({ maxSize: maxLayoutBytes })
  }

  /** @param scope determines how a table's manifests are decoded, and who may see them */
  cacheFor(scope: string): ManifestEntryCache {
    const toScopedKey = (key: string) => `${scope}\n${key}`
    return {
      get: (key) => this.#entries.get(toScopedKey(key)),
      set: (key, entries, decodedBytes) => {
        this.#entries.set(toScopedKey(key), entries, { size: decodedBytes + entries.length * ENTRY_BYTES })
      },
      fits: (entryCount) => entryCount * ENTRY_BYTES <= this.#maxBytes,
    }
  }

  /** @param scope as for {@link cacheFor} */
  plansFor(scope: string): PlanCache {
    const toScopedKey = (key: string) => `${scope}\n${key}`
    return {
      layouts: {
        get: (key) => this.#layouts.get(toScopedKey(key)),
        set: (key, layout) => {
          const manifestCount = layout.manifests.length + layout.deleteManifests.length
          const size = LAYOUT_BYTES + manifestCount * PLANNED_MANIFEST_BYTES
          this.#layouts.set(toScopedKey(key), layout, { size })
        },
      },
      deletes: {
        get: (key) => this.#deletes.get(toScopedKey(key)),
        set: (key, index) => {
          const size = LAYOUT_BYTES + index.entries.length * DELETE_FILE_BYTES
          this.#deletes.set(toScopedKey(key), index, { size })
        },
      },
    }
  }
}
