import 'server-only'
import { LRUCache } from 'lru-cache'
import type { ViewDefaults } from '@/lib/query/tables/view-references'

/** The SQL of the current version of a view. */
export type ViewText = { representations: readonly { dialect: string; sql: string }[]; defaults: ViewDefaults }

const MAX_CACHE_BYTES = 32 * 1024 * 1024
const ENTRY_BYTES = 300

/** The texts of views by the location of their metadata file, which is never written again. */
export class ViewTextsCache {
  readonly #byLocation = new LRUCache<string, ViewText>({ maxSize: MAX_CACHE_BYTES })

  find(metadataLocation: string): ViewText | undefined {
    return this.#byLocation.get(metadataLocation)
  }

  add(metadataLocation: string, text: ViewText): void {
    const chars = text.representations.reduce((sum, { sql }) => sum + sql.length, 0)
    this.#byLocation.set(metadataLocation, text, { size: ENTRY_BYTES + 2 * (chars + metadataLocation.length) })
  }
}
