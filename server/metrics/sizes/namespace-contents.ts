import 'server-only'
import pMap from 'p-map'
import type { NamespaceContent } from '@/lib/contract/namespaces'
import { type ContentSort, MAX_REMOTE_NAMES } from '@/lib/contract/shapes/plain-values'
import type { Namespace, TableIdentifier, ViewIdentifier } from '@/lib/names/identifiers'
import { compareNaturally } from '@/lib/names/natural-order'
import { nameFilter } from '@/lib/search/name-filter'
import type { CatalogClient } from '@/server/catalog/port/catalog-client'
import type { MetricsServices } from '@/server/metrics/metrics-services'
import { readTableSummaryEntry } from './table-summary'
import { countContents } from '../lake/namespace-entries'
import { slicePage } from '../lake/slice-page'

const PAGE_SIZE = 100
const CONCURRENCY = 6
/** For further pages and filters, a remote catalog may have been listed this long ago. */
const MAX_NAMES_AGE_MS = 10_000

type ContentsRequest = {
  search?: string | undefined
  kind?: NamespaceContent['kind'] | undefined
  sort?: ContentSort | undefined
  offset?: number | undefined
}

/** An entry before its figures are read. */
type Listed =
  | { kind: 'namespace'; name: string; namespace: Namespace }
  | { kind: 'table'; name: string; table: TableIdentifier }
  | { kind: 'view'; name: string; view: ViewIdentifier }

/**
 * A page of the entries in a namespace that match a request. All names are read, searched and sorted, after the grants
 * of the caller; figures only of the entries on the page. The names of a catalog on another server are read up to
 * `MAX_REMOTE_NAMES` of each kind, and again for the first page of the whole list.
 */
export async function readNamespaceContents(
  services: Pick<MetricsServices, 'database' | 'log' | 'manifestCache'>,
  catalog: CatalogClient,
  namespace: Namespace,
  { search = '', kind, sort, offset = 0 }: ContentsRequest,
  context: { signal: AbortSignal; requestId: string; nowMs: number },
) {
  const { signal } = context
  const isFirstView = search === '' && kind === undefined && sort === undefined && offset === 0
  let isTruncated = false
  let skippedCount = 0
  const options = {
    signal,
    maxRemoteNames: MAX_REMOTE_NAMES,
    maxAgeMs: isFirstView ? 0 : MAX_NAMES_AGE_MS,
    onTruncated: () => {
      isTruncated = true
    },
  }
  const [namespaces, tables, views] = await Promise.all([
    catalog.listNamespaces(namespace, {
      ...options,
      onUnaddressable: ({ length }) => {
        skippedCount = length
      },
    }),
    catalog.listTables(namespace, options),
    catalog.listViews(namespace, options),
  ])
  const all: Listed[] = [
    ...namespaces.map((one) => ({ kind: 'namespace' as const, name: one.at(-1) ?? '', namespace: one })),
    ...tables.map((table) => ({ kind: 'table' as const, name: table.table, table })),
    ...views.map((view) => ({ kind: 'view' as const, name: view.view, view })),
  ]
  const isMatch = nameFilter(search)
  const matches = all.filter((entry) => (kind === undefined || entry.kind === kind) && isMatch(entry.name))
  const { items, ...page } = slicePage(sortByName(matches, sort), offset, PAGE_SIZE)
  const shown = items.flatMap((entry) => (entry.kind === 'namespace' ? [entry.namespace] : []))
  const counted = await countContents(catalog, namespace, shown, signal)
  const inside = new Map(shown.map((one, index) => [one, counted[index]]))
  const entries = await pMap(
    items,
    async (entry): Promise<NamespaceContent> => {
      if (entry.kind === 'view') return { kind: entry.kind, view: entry.name }
      if (entry.kind === 'table')
        return { kind: entry.kind, ...(await readTableSummaryEntry(services, catalog, entry.table, context)) }
      const counts = inside.get(entry.namespace)
      if (!counts) throw new Error(`The catalog did not count the contents of ${entry.name}.`)
      return { kind: entry.kind, namespace: entry.namespace, ...counts }
    },
    { concurrency: CONCURRENCY },
  )
  const counts = { namespace: namespaces.length, table: tables.length, view: views.length }
  return { ...page, entries, counts, isTruncated, skippedCount, readAtMs: context.nowMs }
}

/** In natural order, and names that are equal in it in the order of the catalog; without a sort as they are. */
function sortByName(entries: readonly Listed[], sort: ContentSort | undefined): readonly Listed[] {
  if (sort === undefined) return entries
  const isDescending = sort === '-name'
  return entries.toSorted((a, b) =>
    isDescending ? compareNaturally(b.name, a.name) : compareNaturally(a.name, b.name),
  )
}
