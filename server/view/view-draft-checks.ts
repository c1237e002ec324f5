import 'server-only'
import type { ViewBlocker } from '@/lib/contract/lifecycle/views'
import { asTableIdentifier, isSameTable, namespaceLabel, type ViewIdentifier } from '@/lib/names/identifiers'
import type { TableIdentifier } from '@/lib/names/identifiers'
import type { SqlDraft, ViewProblem } from '@/lib/changes/view-edits/view-draft'
import { viewSqlProblem, findNamesInView } from '@/lib/query/checks/view-sql-problem'
import type { ViewDefaults } from '@/lib/query/tables/view-references'
import { AppError } from '@/lib/errors'
import { type Actor, isPermitted } from '@/server/auth/actor'
import type { CatalogClient } from '@/server/catalog/port/catalog-client'

/** The most views that are looked at beneath one. Engines go no deeper either. */
const MAX_VIEWS = 50

export function toBlocker({ part, message }: ViewProblem, representations: readonly SqlDraft[]): ViewBlocker {
  const dialect = 'index' in part && part.kind !== 'sort-field' ? (representations[part.index]?.dialect ?? null) : null
  return { part: part.kind === 'property' ? 'property' : part.kind === 'sql' ? 'sql' : 'version', message, dialect }
}

/** The problems of the SQL that can be found without an engine. */
export function findSqlBlockers(representations: readonly SqlDraft[]): ViewBlocker[] {
  return representations.flatMap((draft) => {
    const message = viewSqlProblem(draft)
    return message === null ? [] : [{ part: 'sql' as const, message, dialect: draft.dialect }]
  })
}

type Reading = { actor: Actor; signal: AbortSignal; connections: readonly string[] }

/**
 * Why a view would read itself, directly or through other views of its catalog; null if it does not. Views that the user
 * may not read, or that cannot be read, are not looked into.
 */
export async function findCycle(
  catalog: CatalogClient,
  view: ViewIdentifier,
  version: ViewDefaults & { representations: readonly SqlDraft[] },
  reading: Reading,
): Promise<ViewBlocker | null> {
  const self = asTableIdentifier(view)
  for (const draft of version.representations) {
    const names = findNamesInView(draft, self, version, reading.connections)
    const path = await findPath(catalog, names, { self, seen: [] }, reading)
    if (path === null) continue
    const label = ({ namespace, table }: TableIdentifier) => `${namespaceLabel(namespace)}.${table}`
    const message = `The view would read itself: ${[self, ...path].map(label).join(' → ')}.`
    return { part: 'sql', message, dialect: draft.dialect }
  }
  return null
}

async function findPath(
  catalog: CatalogClient,
  names: readonly TableIdentifier[],
  { self, seen }: { self: TableIdentifier; seen: TableIdentifier[] },
  reading: Reading,
): Promise<TableIdentifier[] | null> {
  for (const name of names) {
    if (isSameTable(name, self)) return [name]
    const isLookedInto = name.catalog === self.catalog && isPermitted(reading.actor, 'table:read', name)
    if (!isLookedInto || seen.length >= MAX_VIEWS || seen.some((one) => isSameTable(one, name))) continue
    seen.push(name)
    const version = await loadCurrentVersion(catalog, name, reading.signal)
    for (const one of version?.representations ?? []) {
      if (version === null || one.type !== 'sql') continue
      const inner = findNamesInView(one, name, version, reading.connections)
      const path = await findPath(catalog, inner, { self, seen }, reading)
      if (path !== null) return [name, ...path]
    }
  }
  return null
}

async function loadCurrentVersion(
  catalog: CatalogClient,
  { namespace, table, catalog: name }: TableIdentifier,
  signal: AbortSignal,
) {
  try {
    const { metadata } = await catalog.loadView({ catalog: name, namespace, view: table }, { signal })
    return metadata.versions.find(({ versionId }) => versionId === metadata.currentVersionId) ?? null
  } catch (error) {
    // A table, or something unreadable.
    if (error instanceof AppError && !signal.aborted) return null
    throw error
  }
}
