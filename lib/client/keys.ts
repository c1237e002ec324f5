import { joinNamespace, type Namespace, type TableIdentifier, type ViewIdentifier } from '@/lib/names/identifiers'

/**
 * The only definition of query keys. Keys nest like the catalog, so invalidating a namespace also refreshes every table
 * below it.
 */
export const keys = {
  session: () => ['session'] as const,
  tokens: () => ['tokens'] as const,
  /** Saved queries. */
  queries: () => ['queries'] as const,
  /** Favourites and last visits. */
  shortcuts: () => ['shortcuts'] as const,
  connections: () => ['connections'] as const,
  ownCredentials: () => ['own-credentials'] as const,
  catalogs: () => ['catalogs'] as const,
  catalogDetails: () => ['catalogs', 'inside'] as const,
  catalog: (catalog: string) => ['catalog', catalog] as const,
  namespace: (catalog: string, namespace: Namespace) =>
    ['catalog', catalog, 'namespace', joinNamespace(namespace)] as const,
  table: ({ catalog, namespace, table }: TableIdentifier) =>
    ['catalog', catalog, 'namespace', joinNamespace(namespace), 'table', table] as const,
  /** Badges of the direct children of each namespace of the catalog. */
  badges: (catalog: string) => ['catalog', catalog, 'badges'] as const,
  view: ({ catalog, namespace, view }: ViewIdentifier) =>
    ['catalog', catalog, 'namespace', joinNamespace(namespace), 'view', view] as const,
  /** Runs and schedules; the keys of single runs begin with it. */
  jobs: () => ['jobs'] as const,
  /** A change of many tables. */
  bulkChange: ({ catalog, bulkChangeId }: { catalog: string; bulkChangeId: string }) =>
    ['bulk-change', catalog, bulkChangeId] as const,
  audit: () => ['audit'] as const,
  /** Users, groups, grants, requests for access, and what follows from them. */
  access: () => ['access'] as const,
  user: (userId: string) => ['access', 'user', userId] as const,
  group: (groupId: string) => ['access', 'group', groupId] as const,
  /** The bytes that an upload has at most. */
  uploadLimit: () => ['upload-limit'] as const,
  /** The first rows of a proposed load. */
  proposedLoad: (proposalId: string) => ['proposed-load', proposalId] as const,
  run: (runId: string) => ['jobs', 'run', runId] as const,
  /** Figures of the whole lake: home, dashboards, search. */
  lake: () => ['lake'] as const,
}

/** Whether a query's key is this one, or below it. */
export function isWithinKey(key: readonly unknown[] | undefined, prefix: readonly unknown[]): boolean {
  return key !== undefined && JSON.stringify(key.slice(0, prefix.length)) === JSON.stringify(prefix)
}
