import 'server-only'
import { AppError } from '@/lib/errors'
import { joinNamespace, type Namespace } from '@/lib/names/identifiers'
import { propertyValue } from '@/lib/iceberg/properties/property-value'
import { propertyValueProblem } from '@/lib/iceberg/properties/property-problem'
import { secretPropertyProblem } from '@/lib/iceberg/properties/secret-property'
import type { Keys } from '@/server/auth/keys'
import type { CatalogClient } from '@/server/catalog/catalog-client'
import { requireAbility } from '@/server/catalog/require-ability'
import { maskProperty } from '@/server/table/mask-properties'

/** A property, the value that the user saw, and the value it gets; null: not set. */
export type NamespacePropertyChange = { name: string; base: string | null; value: string | null }

/** @throws {AppError} already-exists; invalid-request for a name or a property that is not allowed */
export async function createNamespace(
  catalog: CatalogClient,
  namespace: Namespace,
  properties: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<void> {
  await requireAbility(catalog, 'create-namespace', signal)
  for (const [name, value] of Object.entries(properties)) requireAllowed(name, value)
  await catalog.createNamespace(namespace, { ...properties }, { signal })
}

/**
 * @throws {AppError} invalid-request for a property that is not allowed, or that is changed twice
 * @throws {AppError} version-conflict when a property no longer has the value that the user saw; nothing was changed.
 *   Another writer may still come between that look and the change, which the protocol cannot make one step.
 */
export async function changeNamespaceProperties(
  keys: Keys,
  catalog: CatalogClient,
  namespace: Namespace,
  changes: readonly NamespacePropertyChange[],
  signal: AbortSignal,
): Promise<void> {
  await requireAbility(catalog, 'update-namespace', signal)
  const names = new Set<string>()
  for (const { name, value } of changes) {
    if (names.has(name)) throw new AppError('invalid-request', `The request changes ${name} twice.`)
    names.add(name)
    if (value !== null) requireAllowed(name, value)
  }
  const { properties } = await catalog.loadNamespace(namespace, { signal })
  for (const { name, base } of changes) {
    const current = propertyValue(properties, name)
    if (base === current || base === maskProperty(keys, name, current, joinNamespace(namespace))) continue
    throw new AppError('version-conflict', `${name} was changed since you looked. Nothing was changed.`, {
      facts: { property: name },
    })
  }
  const updates = Object.fromEntries(changes.flatMap(({ name, value }) => (value === null ? [] : [[name, value]])))
  const removals = changes.flatMap(({ name, value }) => (value === null ? [name] : []))
  await catalog.updateNamespace(namespace, { updates, removals }, { signal })
}

/** Most properties mean to a namespace what its catalog says. Lakeshore’s own mean the same everywhere. */
function requireAllowed(name: string, value: string): void {
  const problem =
    secretPropertyProblem(name) ??
    (name.startsWith('lakeshore.') ? propertyValueProblem(name, value) : null) ??
    (name === 'location' && !LOCATION.test(value) ? 'should be a location, such as s3://bucket/folder' : null)
  if (problem !== null) throw new AppError('invalid-request', `${name} ${problem}.`, { facts: { key: name } })
}

/** A scheme and a path without spaces. */
const LOCATION = /^[a-z][a-z0-9+.-]*:\/\/\S+$/i
