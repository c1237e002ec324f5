import type { TableIdentifier } from '@/lib/names/identifiers'
import { relationKey } from './relation-name'
import type { ReadView, ViewDefinition } from './view-definition'
import type { ScanOptions } from '@/lib/query/load/table-scan'

/** How long a definition is used for estimates and completion. A run reads it again. */
const CACHE_MS = 30_000

export type ViewCache = ReturnType<typeof createViewCache>

/** The views that statements have named. A name that was a view before is requested as a view first. */
export function createViewCache(readView: ReadView) {
  const views = new Map<string, { definition: ViewDefinition; readAt: number }>()
  return {
    has: (identifier: TableIdentifier) => views.has(relationKey(identifier)),

    /** The view, or null if it does not exist. @throws {AppError} as {@link ReadView} */
    async read(identifier: TableIdentifier, { isFresh, ...options }: ScanOptions): Promise<ViewDefinition | null> {
      const key = relationKey(identifier)
      const cached = views.get(key)
      if (!isFresh && cached && performance.now() - cached.readAt < CACHE_MS) return cached.definition
      const definition = await readView(identifier, options)
      if (definition === null) views.delete(key)
      else views.set(key, { definition, readAt: performance.now() })
      return definition
    },
  }
}
