import { instantText } from '@/lib/names/instant-text'
import { parseInstantMs } from '@/lib/names/parse-instant'
import type { AsOf } from '@/lib/iceberg/as-of'
import {
  type EntryIdentifier,
  joinNamespace,
  type Namespace,
  splitNamespace,
  type TableIdentifier,
  type ViewIdentifier,
} from '@/lib/names/identifiers'
import type { ResourceFields } from '@/lib/names/resource-name'
import type { SignInProblemCode } from '@/lib/sign-in-problems'

export const TABLE_TABS = ['overview', 'data', 'schema', 'layout', 'settings', 'snapshots', 'files', 'history'] as const
export type TableTab = (typeof TABLE_TABS)[number]

/** Every page address of the console. They are written and parsed in this file only. */
export const paths = {
  home: () => '/',
  /** Sign-in, which then goes to the page `next`. */
  login: (next?: string) => (next === undefined || next === '/' ? '/login' : `/login?${new URLSearchParams({ next })}`),
  /** The second part of sign-in, in which a generated password is changed. */
  newPassword: (next: string | null) =>
    `/login?${new URLSearchParams({ change: 'password', ...(next !== null && { next }) })}`,
  /** Sign-in, which says why the one with the identity provider failed. */
  loginProblem: (problem: SignInProblemCode, requestId: string, next: string | null) =>
    `/login?${new URLSearchParams({ problem, request: requestId, ...(next !== null && { next }) })}`,
  /** Sign-in, after a session was ended. */
  signedOut: () => '/login?ended',
  /** Leads to the identity provider. */
  providerSignIn: (next: string | null) => `/api/auth/oidc${next === null ? '' : `?${new URLSearchParams({ next })}`}`,
  providerSignOut: () => '/api/auth/oidc/sign-out',
  account: () => '/settings/account',
  apiReference: () => '/settings/api',
  tokens: () => '/settings/tokens',
  /** The tokens of all users, for admins. */
  tokensOfAllUsers: () => '/settings/tokens?owners=everybody',
  /** Users and groups, and the open requests for access. */
  users: () => '/settings/users',
  user: (userId: string) => `/settings/users/${encodeURIComponent(userId)}`,
  group: (groupId: string) => `/settings/users/groups/${encodeURIComponent(groupId)}`,
  /** Who may do what with a resource, and why. */
  accessTo: (resource: ResourceFields = {}): string => {
    const query = resourceQueryString(resource)
    return `/settings/users/by-table${query.size === 0 ? '' : `?${query}`}`
  },
  connections: () => '/settings/connections',
  newConnection: () => '/settings/connections/new',
  /** By its id, which does not change when the connection is renamed. */
  connection: (connectionId: string) => `/settings/connections/${encodeURIComponent(connectionId)}`,
  catalogs: () => '/catalogs',
  /** Owners or tags of tables; with a name, the tables that have it. */
  facets: (kind: 'owner' | 'tag', name?: string) =>
    `${paths.catalogs()}?${new URLSearchParams({ by: kind, ...(name !== undefined && { name }) })}`,
  catalog: (catalog: string) => `/catalogs/${encodeURIComponent(catalog)}`,
  /** A folder of a catalog's warehouse, or the warehouse itself. */
  warehouse: (catalog: string, folder?: string) =>
    `${paths.catalog(catalog)}/warehouse${folder === undefined ? '' : `?${new URLSearchParams({ folder })}`}`,
  namespace: (catalog: string, namespace: Namespace) =>
    `${paths.catalog(catalog)}/namespaces/${encodeURIComponent(joinNamespace(namespace))}`,
  /** Declares a table of the namespace; `like`: it begins as another one. */
  newTable: (catalog: string, namespace: Namespace, like?: TableIdentifier) =>
    `${paths.namespace(catalog, namespace)}/new-table${like === undefined ? '' : `?${new URLSearchParams({ source: 'like', like: JSON.stringify([like.catalog, ...like.namespace, like.table]) })}`}`,
  /** A new table with the columns of a file. */
  newTableFromFile: (catalog: string, namespace: Namespace) => `${paths.newTable(catalog, namespace)}?source=file`,
  /** Changes the same properties of many tables of the namespace. */
  tableProperties: (catalog: string, namespace: Namespace) => `${paths.namespace(catalog, namespace)}/table-properties`,
  /** A change of many tables, with the result for each. */
  bulkChange: (catalog: string, bulkChangeId: string) =>
    `${paths.catalog(catalog)}/bulk-changes/${encodeURIComponent(bulkChangeId)}`,
  /** Writes a view of the namespace; `sql`: it begins with this query of DuckDB. */
  newView: (catalog: string, namespace: Namespace, sql?: string) =>
    `${paths.namespace(catalog, namespace)}/new-view${sql === undefined ? '' : `?${new URLSearchParams({ sql })}`}`,
  /** Writes another version of a view. */
  editView: (view: ViewIdentifier) => `${paths.view(view)}/edit`,
  table: ({ catalog, namespace, table }: TableIdentifier, tab: TableTab = 'overview', asOf: AsOf = {}) =>
    `${paths.namespace(catalog, namespace)}/tables/${encodeURIComponent(table)}${tab === 'overview' ? '' : `/${tab}`}${asOfQuery(asOf)}`,
  /** The schema of a table with one of its columns selected. */
  column: (table: TableIdentifier, fieldId: string) =>
    `${paths.table(table, 'schema')}?${new URLSearchParams({ column: fieldId })}`,
  /** A file of a table, opened. */
  file: (table: TableIdentifier, location: string) =>
    `${paths.table(table, 'files')}?${new URLSearchParams({ file: location })}`,
  /** The overview of a table with the panel that connects other engines. */
  connect: (table: TableIdentifier) => `${paths.table(table)}?connect=true`,
  /** The partitions of the current snapshot. */
  partitions: (table: TableIdentifier) =>
    `${paths.table(table, 'files')}?${new URLSearchParams({ level: 'partitions' })}`,
  /** The metadata files of a table; with `to`, what differs between that one and the one before it. */
  metadataFiles: (table: TableIdentifier, to?: string) =>
    `${paths.table(table, 'files')}?${new URLSearchParams({ level: 'metadata', ...(to !== undefined && { to }) })}`,
  /** Below the settings of a table. */
  compressionStudio: (table: TableIdentifier) => `${paths.table(table, 'settings')}/compression`,
  /** The proposals of a table are below its history. */
  proposals: (entry: EntryIdentifier) =>
    `${'table' in entry ? paths.table(entry, 'history') : 'view' in entry ? paths.view(entry) : paths.namespace(entry.catalog, entry.namespace)}/proposals`,
  proposal: (entry: EntryIdentifier, proposalId: string) =>
    `${paths.proposals(entry)}/${encodeURIComponent(proposalId)}`,
  /** The undo of an entry in the table's history, before anything is undone. */
  undo: (table: TableIdentifier, auditId: string) =>
    `${paths.table(table, 'history')}?${new URLSearchParams({ undo: auditId })}`,
  /** The table's history with one of its entries chosen. */
  historyEntry: (table: TableIdentifier, auditId: string) =>
    `${paths.table(table, 'history')}?${new URLSearchParams({ entry: auditId })}`,
  /** A folder of a table as it is stored. */
  tableFolder: (table: TableIdentifier, folder: string) =>
    `${paths.table(table, 'files')}?${new URLSearchParams({ level: 'objects', folder })}`,
  /** A view at the version `version`, or its current version. */
  view: ({ catalog, namespace, view }: ViewIdentifier, version?: number) =>
    `${paths.namespace(catalog, namespace)}/views/${encodeURIComponent(view)}${version === undefined ? '' : `?version=${version}`}`,
  /** The first rows of a view. */
  viewData: (view: ViewIdentifier) => `${paths.view(view)}?tab=data`,
  /** A table or a view, whichever a list found under this name. */
  entry: (catalog: string, namespace: Namespace, { kind, name }: { kind: 'table' | 'view'; name: string }) =>
    kind === 'table'
      ? paths.table({ catalog, namespace, table: name })
      : paths.view({ catalog, namespace, view: name }),
  /** The workbench; with a text, and what a link brings with it. */
  query: (sql?: string, values: LinkedValues = {}) =>
    sql === undefined ? '/query' : `/query?${new URLSearchParams({ sql, ...values })}`,
  /** A saved query, as it is saved when the address is opened. */
  savedQuery: (queryId: string, values: LinkedValues = {}) =>
    `/query?${new URLSearchParams({ saved: queryId, ...values })}`,
  /** The open proposals of all tables. */
  waitingProposals: () => '/proposals',
  jobs: () => '/jobs',
  run: (runId: string) => `/jobs/${encodeURIComponent(runId)}`,
  /** The audit; with a target only what happened to it. */
  audit: (target?: { catalog: string; namespace?: Namespace; table?: string }) =>
    `/audit${target === undefined ? '' : `?${resourceQueryString(target, { range: 'all' })}`}`,
  /** The audit of one user. */
  auditOf: (username: string) => `/audit?${new URLSearchParams({ range: '30d', actor: username })}`,
  auditEntry: (auditId: string) => `/audit/${encodeURIComponent(auditId)}`,
  /** The form that loads files into a table; without one, the user chooses it there, or creates it in the namespace. */
  load: (target?: TableIdentifier | { catalog: string; namespace: Namespace }) =>
    `/ingest${target === undefined ? '' : `?${resourceQueryString(target)}`}`,
  /** The same form with the request of an earlier load, for its rejected rows or for another try. */
  loadAgain: (table: TableIdentifier, runId: string) =>
    `/ingest?${resourceQueryString(table)}&run=${encodeURIComponent(runId)}`,
  /** The page of a load: its progress, its rejects, its files and its snapshot. */
  loadRun: (runId: string) => `/ingest/runs/${encodeURIComponent(runId)}`,
  ingestionDashboard: () => '/dashboards/ingestion',
  compressionDashboard: () => '/dashboards/compression',
}

/** An address may bring these with the text of a query: two as JSON, and an as-of as one text. */
type LinkedValues = { parameters?: string; display?: string; asOf?: string }

/** The names of a resource as a query; `extra` comes first. */
function resourceQueryString({ catalog, namespace, table }: ResourceFields, extra: Record<string, string> = {}) {
  return new URLSearchParams({
    ...extra,
    ...(catalog !== undefined && { catalog }),
    ...(namespace && { namespace: joinNamespace(namespace) }),
    ...(table !== undefined && { table }),
  })
}

/** As-of in an address: `?ref=`, `?snapshot=`, `?at=2026-11-23T00:35:00Z`, or nothing for the current state. */
export function asOfQuery({ ref, snapshotId, atMs }: AsOf): string {
  if (ref !== undefined) return `?${new URLSearchParams({ ref })}`
  if (snapshotId !== undefined) return `?${new URLSearchParams({ snapshot: snapshotId })}`
  // Colons need no encoding in a query.
  if (atMs !== undefined) return `?at=${instantText(atMs)}`
  return ''
}

/** The as-of of an address. With a `problem` the address has one that cannot be read. */
export type ParsedAsOf = { asOf: AsOf; problem: string | null }

/** Like {@link asOfQuery}, the other way round. Of several the first counts. */
export function asOfFromQuery(params: Pick<URLSearchParams, 'get'>): ParsedAsOf {
  const [ref = null, snapshot = null, at = null] = ['ref', 'snapshot', 'at'].map((name) => params.get(name))
  if (ref === '') return { asOf: {}, problem: 'The address has ?ref= without the name of a branch or tag.' }
  if (ref !== null) return { asOf: { ref }, problem: null }
  if (snapshot !== null) {
    const problem = snapshotIdProblem(snapshot)
    return problem === null ? { asOf: { snapshotId: snapshot }, problem } : { asOf: {}, problem }
  }
  if (at === null) return { asOf: {}, problem: null }
  const atMs = parseInstantMs(at)
  return atMs === null ? { asOf: {}, problem: instantProblem(at) } : { asOf: { atMs }, problem: null }
}

/** Why a text of an address is not an instant. */
function instantProblem(text: string): string {
  const withZone = /T|\s/.test(text) ? `${text}Z` : `${text}T00:00:00Z`
  return parseInstantMs(withZone) === null
    ? `“${text}” is not a time. Write it with its offset, such as ?at=2026-11-23T00:35:00Z.`
    : `“${text}” has no offset. Write ?at=${withZone} for UTC, or an offset such as +01:00 in place of the Z.`
}

/** Why a text of an address is not a snapshot id; null if it is one. */
export function snapshotIdProblem(text: string): string | null {
  return /^-?\d{1,19}$/.test(text) ? null : `“${text}” is not a snapshot id. A snapshot id is a whole number.`
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

/** Like {@link namespaceFromParams}, for a view. */
export function viewFromParams(params: ViewParams): ViewIdentifier {
  return { ...namespaceFromParams(params), view: decodeURIComponent(params.view) }
}

export const TAB_TITLES: Record<TableTab, string> = {
  overview: 'Overview',
  data: 'Data',
  schema: 'Schema',
  layout: 'Layout',
  settings: 'Settings',
  snapshots: 'Snapshots',
  files: 'Files',
  history: 'History',
}

/**
 * The page title of a catalog, an entry or a tab, such as `Namespace · demo` or `Data · demo.flights · prod`.
 *
 * @param options.subject by default the kind of the entry
 * @param options.namesCatalog whether the same name may exist in another catalog
 */
export function titleFromParams(
  params: { catalog: string } & Partial<NamespaceParams & TableParams & ViewParams>,
  { subject, namesCatalog = false }: { subject?: string; namesCatalog?: boolean } = {},
): string {
  const kind = params.namespace === undefined ? 'Catalog' : params.view === undefined ? 'Namespace' : 'View'
  const catalog = namesCatalog && params.namespace !== undefined ? [params.catalog] : []
  return [subject ?? kind, nameFromParams(params), ...catalog].join(' · ')
}

/** The last of the page params. `generateMetadata` receives params decoded, unlike the page itself. */
function nameFromParams(params: { catalog: string } & Partial<TableParams & ViewParams>): string {
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
  if (kind === 'views' && name) return { ...namespaceTarget, view: decodeURIComponent(name), ...(tab && { tab }) }
  if (kind !== 'tables' || !name) return namespaceTarget
  return { ...namespaceTarget, table: decodeURIComponent(name), ...(tab && { tab }) }
}
