import 'server-only'
import type { UnreachableCatalog } from '@/lib/contract/shapes/lake'
import { asTableIdentifier, namespaceLabel } from '@/lib/names/identifiers'
import { OBJECT_KINDS } from '@/lib/search/entry-kinds'
import { foldText } from '@/lib/search/fold-text'
import type { ParsedSearch } from '@/lib/search/parse-search'
import type { Actor } from '@/server/auth/actor'
import { walkLake } from '@/server/metrics/lake/lake-walk'
import type { Services } from '@/server/services'
import type { RankedHit } from './ranked-hit'

/**
 * Tables, views and namespaces by their names, in catalogs that no index may answer for. The words have to be in their
 * full names.
 */
export async function findLiveNames(
  services: Pick<Services, 'catalogs' | 'log'>,
  actor: Actor,
  { words, kinds }: ParsedSearch,
  { catalogs, ...context }: { catalogs: readonly string[]; signal: AbortSignal; requestId: string },
): Promise<{ hits: RankedHit[]; isTruncated: boolean; unreachable: UnreachableCatalog[] }> {
  const isRequested = words.length > 0 && (kinds === null || OBJECT_KINDS.some((kind) => kinds.includes(kind)))
  if (catalogs.length === 0 || !isRequested) return { hits: [], isTruncated: false, unreachable: [] }
  const lake = await walkLake(services, actor, { ...context, withViews: true, onlyCatalogs: catalogs })
  const objects = [
    ...lake.namespaces.map((namespace) => ({ ...namespace, entry: null })),
    ...lake.tables.map(({ table, ...parent }) => ({ ...parent, entry: { kind: 'table' as const, name: table } })),
    ...lake.views.map(asTableIdentifier).map(({ table, ...parent }) => ({
      ...parent,
      entry: { kind: 'view' as const, name: table },
    })),
  ]
  const hits = objects.map(
    (object): RankedHit => ({
      kind: object.entry?.kind ?? 'namespace',
      ...object,
      name: object.entry?.name ?? object.namespace.at(-1) ?? '',
      detail: null,
      target: null,
      path: namespaceLabel(object.namespace),
      changedAtMs: null,
    }),
  )
  const found = hits.filter((hit) => hasAll(hit, words) && (kinds === null || kinds.includes(hit.kind)))
  return { hits: found, isTruncated: lake.isTruncated, unreachable: lake.unreachable }
}

function hasAll({ path, entry }: RankedHit, words: readonly string[]): boolean {
  const name = foldText(entry === null ? path : `${path}.${entry.name}`)
  return words.every((word) => name.includes(word))
}
