import 'server-only'
import { dropNamespaceGrantsChange } from '@/server/db/auth/moved-grants'
import { AppError } from '@/lib/errors'
import type { Namespace } from '@/lib/names/identifiers'
import pMap from 'p-map'
import { enforcePropertyLimits } from '@/lib/iceberg/commit/size-limits'
import { toDottedName } from '@/server/db/catalog/catalog-key'
import { requireNamespaceUnprotected } from '../namespace-protection'
import { countRows } from '@/server/db/catalog/table-rows'
import type { NamespaceContents, Page, PageRequest } from '../port/catalog-lists'
import type { CatalogWrite, WriteOptions } from '../port/catalog-write'
import { changedProperties } from '../changed-properties'
import { changeRows } from './change-rows'
import type { EmbeddedCatalogDeps } from './load-table'
import { isRepresentable, requireNamespaceName } from './names'
import { chosenLocation, folderPath, selfAndAncestorFolders } from './folders/choose-location'
import { findOwners } from './folders/find-owners'
import { normalizeFolder } from './folders/folder-claim'
import {
  deleteEmptyNamespace,
  deleteNamespaceProperty,
  insertNamespace,
  insertNamespaceProperty,
  hasNamespace,
  insertNamespaceMarker,
  childPrefix,
  readNamespaceProperties,
  readNamespaces,
  readExistingNamespaces,
  setNamespaceProperty,
} from '@/server/db/catalog/namespaces'

/** The row that keeps an empty namespace alive, as Java and PyIceberg write it. It is hidden from the properties. */
const EXISTS_MARKER = 'exists'

/** @throws {AppError} not-found */
export async function requireNamespace({ database, name }: EmbeddedCatalogDeps, namespace: Namespace): Promise<void> {
  if (isRepresentable(namespace) && (await hasNamespace(database, name, namespace))) return
  throw new AppError('not-found', `Namespace does not exist: ${toDottedName(namespace)}`, {
    facts: { missing: 'namespace' },
  })
}

export async function listNamespaces(deps: EmbeddedCatalogDeps, parent: Namespace | null): Promise<Namespace[]> {
  if (parent) await requireNamespace(deps, parent)
  const depth = parent?.length ?? 0
  const children = new Set<string>()
  for (const name of await readNamespaces(deps.database, deps.name, parent, { isDirect: true })) {
    const level = name.split('.')[depth]
    // Other writers can leave an empty level behind (`a..b`), which no URL can address.
    if (level) children.add(level)
  }
  return [...children].sort().map((level) => [...(parent ?? []), level])
}

/**
 * A child takes the position of its own name, or of the first name below it if its own is missing. Other names may sort
 * between the two: `a`, `a-b`, `a.c`.
 */
export async function listNamespacePage(
  deps: EmbeddedCatalogDeps,
  parent: Namespace | null,
  { after, limit }: PageRequest,
): Promise<Page<Namespace>> {
  if (parent) await requireNamespace(deps, parent)
  const { database, name: catalog } = deps
  const prefix = childPrefix(parent)
  if (after !== null && (!after.startsWith(prefix) || after === prefix)) {
    throw new AppError('invalid-request', 'This pageToken belongs to another list.')
  }
  // One extra row tells whether there is a next page.
  const names = await readNamespaces(database, catalog, parent, { isDirect: true, after, limit: limit + 1 })
  const page = names.slice(0, limit).map((name) => {
    const [level = '', ...below] = name.slice(prefix.length).split('.')
    return { level, isBelow: below.length > 0 }
  })
  const listedBefore = await readExistingNamespaces(
    database,
    catalog,
    page.filter(({ isBelow }) => isBelow).map(({ level }) => `${prefix}${level}`),
  )
  // Other writers can leave an empty level behind (`a..b`), which no URL can address.
  const items = page.flatMap(({ level, isBelow }) =>
    level === '' || (isBelow && listedBefore.has(`${prefix}${level}`)) ? [] : [[...(parent ?? []), level]],
  )
  return { items, next: names.length > limit ? (names[limit - 1] ?? null) : null }
}

/** Up to this many namespaces below a parent are read at once to count children. */
const MAX_COUNTED_AT_ONCE = 10_000
const CONCURRENCY = 8

/** Counts with two statements, plus one for each namespace when very many namespaces are below the parent. */
export async function countContents(
  deps: EmbeddedCatalogDeps,
  parent: Namespace | null,
  namespaces: readonly Namespace[],
): Promise<NamespaceContents[]> {
  const { database, name: catalog } = deps
  const rows = await countRows(database, catalog, namespaces.map(toDottedName))
  const below = await readNamespaces(database, catalog, parent, { isDirect: false, limit: MAX_COUNTED_AT_ONCE + 1 })
  const children = below.length <= MAX_COUNTED_AT_ONCE ? groupChildren(below, (parent?.length ?? 0) + 1) : null
  return pMap(
    namespaces,
    async (namespace) => {
      const namespaceCount = children
        ? (children.get(toDottedName(namespace))?.size ?? 0)
        : (await listNamespaces(deps, namespace)).length
      return { namespaceCount, ...(rows.get(toDottedName(namespace)) ?? { tableCount: 0, viewCount: 0 }) }
    },
    { concurrency: CONCURRENCY },
  )
}

/** Groups the last levels of the children by the name of their parent namespace, which has this depth. */
function groupChildren(names: readonly string[], depth: number): Map<string, Set<string>> {
  const children = new Map<string, Set<string>>()
  for (const name of names) {
    const levels = name.split('.')
    const child = levels[depth]
    // Other writers can leave an empty level behind (`a..b`), which no URL can address.
    if (!child) continue
    const parentName = levels.slice(0, depth).join('.')
    const known = children.get(parentName) ?? new Set()
    children.set(parentName, known.add(child))
  }
  return children
}

export async function loadNamespace(deps: EmbeddedCatalogDeps, namespace: Namespace) {
  await requireNamespace(deps, namespace)
  const rows = await readNamespaceProperties(deps.database, deps.name, namespace)
  const visible = rows.filter(({ key }) => key !== EXISTS_MARKER).map(({ key, value }) => [key, value ?? ''] as const)
  return { namespace, properties: Object.fromEntries(visible) as Record<string, string> }
}

/**
 * Requires that tables of the namespace can be created in the location that its properties choose.
 *
 * @throws {AppError} location-refused outside the warehouse; invalid-request in the folder of a table
 */
async function checkChosenLocation(
  { database, store, warehouse }: EmbeddedCatalogDeps,
  namespace: Namespace,
  properties: Readonly<Record<string, string>>,
): Promise<void> {
  const location = chosenLocation(properties)
  if (location === null) return
  store.checkLocation(location)
  if (normalizeFolder(location) === normalizeFolder(folderPath(warehouse, namespace))) return
  for (const folder of selfAndAncestorFolders(location)) {
    if ((await findOwners(database, folder)).length === 0) continue
    throw new AppError(
      'invalid-request',
      `${location} is in the folder of a table, where no other table can be. Nothing was changed; choose another location for the namespace.`,
      { facts: { location } },
    )
  }
}

/**
 * Its parent levels need not exist: they exist as soon as something below them does.
 *
 * @throws {AppError} already-exists; location-refused, invalid-request for its location
 */
export async function createNamespace(
  deps: EmbeddedCatalogDeps,
  { namespace, properties }: CatalogWrite<'create-namespace'>,
  { alongside }: WriteOptions<'create-namespace'>,
): Promise<void> {
  const { name, database } = deps
  requireNamespaceName(namespace)
  enforcePropertyLimits(properties)
  await checkChosenLocation(deps, namespace, properties)
  const visible = Object.entries(properties).filter(([key]) => key !== EXISTS_MARKER)
  const changes = [
    insertNamespace(name, namespace),
    ...visible.map(([key, value]) => insertNamespaceProperty(name, namespace, key, value)),
  ]
  const after = { properties: Object.fromEntries(visible) }
  await changeRows(database, changes, alongside?.({ namespace, before: null, after }), async () => {
    throw new AppError('already-exists', `Namespace already exists: ${toDottedName(namespace)}`)
  })
}

/** @throws {AppError} invalid-request when the namespace is protected; namespace-not-empty */
export async function dropNamespace(
  deps: EmbeddedCatalogDeps,
  { namespace }: CatalogWrite<'drop-namespace'>,
  { alongside }: WriteOptions<'drop-namespace'>,
): Promise<void> {
  const before = await loadNamespace(deps, namespace)
  requireNamespaceUnprotected(namespace, before.properties)
  const { name, database } = deps
  const explain = async () => {
    // The namespace may be protected since it was loaded.
    requireNamespaceUnprotected(namespace, (await loadNamespace(deps, namespace)).properties)
    throw new AppError(
      'namespace-not-empty',
      `Namespace ${toDottedName(namespace)} is not empty: it contains tables, views or namespaces.`,
    )
  }
  // Without rows, the namespace exists only through its contents.
  const { length: propertyCount } = await readNamespaceProperties(database, name, namespace)
  if (propertyCount === 0) await explain()
  const removal = deleteEmptyNamespace(name, namespace, propertyCount)
  const changes = [removal, dropNamespaceGrantsChange(name, namespace)]
  await changeRows(database, changes, alongside?.({ namespace, before, after: null }), explain)
}

/**
 * @throws {AppError} unprocessable-request when a key is in both lists, invalid-request for the marker of an empty
 *   namespace; location-refused, invalid-request for its location
 */
export async function updateNamespace(
  deps: EmbeddedCatalogDeps,
  { namespace, updates, removals }: CatalogWrite<'update-namespace'>,
  { alongside }: WriteOptions<'update-namespace'>,
): Promise<{ updated: string[]; removed: string[]; missing: string[] }> {
  const { name, database } = deps
  const before = await loadNamespace(deps, namespace)
  const { updated, removed, missing } = changedProperties(before.properties, { updates, removals })
  const conflicting = updated.find((key) => removals.includes(key))
  if (conflicting !== undefined) {
    throw new AppError('unprocessable-request', `The request both sets and removes the property ${conflicting}.`, {
      facts: { property: conflicting },
    })
  }
  if ([...updated, ...removals].includes(EXISTS_MARKER)) {
    throw new AppError('invalid-request', `The property ${EXISTS_MARKER} is reserved for the catalog.`)
  }
  if (updated.length === 0 && removed.length === 0) return { updated, removed, missing }
  const remaining = Object.entries(before.properties).filter(([key]) => !removed.includes(key))
  const after = { properties: Object.fromEntries([...remaining, ...Object.entries(updates)]) }
  enforcePropertyLimits(after.properties, before.properties)
  if (updated.includes('location')) await checkChosenLocation(deps, namespace, updates)
  const changes = [
    // Without properties, an empty namespace would disappear.
    ...(Object.keys(after.properties).length === 0 ? [insertNamespaceMarker(name, namespace)] : []),
    ...updated.map((key) => setNamespaceProperty(name, namespace, key, updates[key] ?? '')),
    ...removed.map((key) => deleteNamespaceProperty(name, namespace, key)),
  ]
  await changeRows(database, changes, alongside?.({ namespace, before, after }), () =>
    requireNamespace(deps, namespace),
  )
  return { updated, removed, missing }
}
