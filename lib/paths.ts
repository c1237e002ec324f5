import type { AsOf } from '@/lib/iceberg/as-of'
import { joinNamespace, type Namespace, splitNamespace, type TableIdentifier } from '@/lib/iceberg/identifiers'

export const TABLE_TABS = ['overview', 'data', 'schema', 'settings', 'snapshots', 'files', 'history'] as const
export type TableTab = (typeof TABLE_TABS)[number]

/** Every page address of the console. They are written and parsed in this file only. */
export const paths = {
  home: () => '/',
  /** Sign-in, which then goes to the page `next`. */
  login: (next?: string) => (next === undefined || next === '/' ? '/login' : `/login?${new URLSearchParams({ next })}`),
  account: () => '/settings/account',
  tokens: () => '/settings/tokens',
  connections: () => '/settings/connections',
  newConnection: () => '/settings/connections/new',
  /** By its id, which does not change when the connection is renamed. */
  connection: (connectionId: string) => `/settings/connections/${encodeURIComponent(connectionId)}`,
  catalogs: () => '/catalogs',
  catalog: (catalog: string) => `/catalogs/${encodeURIComponent(catalog)}`,
  namespace: (catalog: string, namespace: Namespace) =>
    `${paths.catalog(catalog)}/namespaces/${encodeURIComponent(joinNamespace(namespace))}`,
  table: ({ catalog, namespace, table }: TableIdentifier, tab: TableTab = 'overview', asOf: AsOf = {}) =>
    `${paths.namespace(catalog, namespace)}/tables/${encodeURIComponent(table)}${tab === 'overview' ? '' : `/${tab}`}${asOfQuery(asOf)}`,
  /** A view at the version `version`, or its current version. */
  view: ({ catalog, namespace, table }: TableIdentifier, version?: number) =>
    `${paths.namespace(catalog, namespace)}/views/${encodeURIComponent(table)}${version === undefined ? '' : `?version=${version}`}`,
  query: (sql?: string) => (sql === undefined ? '/query' : `/query?${new URLSearchParams({ sql })}`),
  jobs: () => '/jobs',
  run: (runId: string) => `/jobs/${encodeURIComponent(runId)}`,
  ingestionDashboard: () => '/dashboards/ingestion',
  compressionDashboard: () => '/dashboards/compression',
}

/** As-of in an address: `?ref=`, `?snapshot=`, `?at=` (epoch milliseconds), or nothing for the current state. */
export function asOfQuery({ ref, snapshotId, atMs }: AsOf): string {
  if (ref !== undefined) return `?${new URLSearchParams({ ref })}`
  if (snapshotId !== undefined) return `?${new URLSearchParams({ snapshot: snapshotId })}`
  if (atMs !== undefined) return `?${new URLSearchParams({ at: String(atMs) })}`
  return ''
}

/** The inverse of {@link asOfQuery}. */
export function asOfFromQuery(params: Pick<URLSearchParams, 'get'>): AsOf {
  const ref = params.get('ref')
  if (ref !== null) return { ref }
  const snapshotId = params.get('snapshot')
  if (snapshotId !== null) return { snapshotId }
  const at = params.get('at')
  return at === null ? {} : { atMs: Number(at) }
}

export type NamespaceParams = { catalog: string; namespace: string }
export type TableParams = NamespaceParams & { table: string }
export type ViewParams = NamespaceParams & { view: string }

/** A namespace from page params. Pages and layouts receive params still percent-encoded (vercel/next.js#64952). */
export function namespaceFromParams({ catalog, namespace }: NamespaceParams) {
  return { catalog: decodeURIComponent(catalog), namespace: splitNamespace(decodeURIComponent(namespace)) }
}

/** Like {@link namespaceFromParams}, for a table. */
export function tableFromParams(params: TableParams): TableIdentifier {
  return { ...namespaceFromParams(params), table: decodeURIComponent(params.table) }
}

/** Like {@link namespaceFromParams}, for a view, which has the same kind of identifier. */
export function viewFromParams(params: ViewParams): TableIdentifier {
  return { ...namespaceFromParams(params), table: decodeURIComponent(params.view) }
}

/** The last of the page params, as page title. `generateMetadata` receives params decoded, unlike the page itself. */
export function titleFromParams(params: { catalog: string } & Partial<TableParams & ViewParams>): string {
  const { catalog, namespace, table, view } = params
  if (namespace === undefined) return catalog
  const name = table ?? view
  return [...splitNamespace(namespace), ...(name === undefined ? [] : [name])].join('.')
}

/** The page after sign-in: a page of this console, never another site, whatever the address says. */
export function pageAfterSignIn(next: string | null): string {
  const base = 'http://here.invalid'
  if (!next?.startsWith('/') || !URL.canParse(next, base)) return paths.home()
  const { origin, pathname, search, hash } = new URL(next, base)
  const isPage =
    origin === base && !pathname.startsWith('//') && pathname !== '/login' && !/^\/api(\/|$)/.test(pathname)
  return isPage ? pathname + search + hash : paths.home()
}

/** The part of the catalog that a page address names; each level is set only if the address names it. */
export type PageTarget = { catalog?: string; namespace?: Namespace; table?: string; view?: string; tab?: string }

/** Parses a page address, still percent-encoded, into its target; `{}` for pages outside the catalog. */
export function targetFromPathname(pathname: string): PageTarget {
  const [, root, catalog, namespaces, namespace, kind, name, tab] = pathname.split('/')
  if (root !== 'catalogs' || !catalog) return {}
  if (namespaces !== 'namespaces' || !namespace) return { catalog: decodeURIComponent(catalog) }
  const namespaceTarget = namespaceFromParams({ catalog, namespace })
  if (kind === 'views' && name) return { ...namespaceTarget, view: decodeURIComponent(name) }
  if (kind !== 'tables' || !name) return namespaceTarget
  return { ...namespaceTarget, table: decodeURIComponent(name), ...(tab && { tab }) }
}
