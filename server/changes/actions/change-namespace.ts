import 'server-only'
import { AppError } from '@/lib/errors'
import { joinNamespace } from '@/lib/names/identifiers'
import { propertyValue } from '@/lib/iceberg/properties/property-value'
import { propertyValueProblem } from '@/lib/iceberg/properties/property-problem'
import { secretPropertyProblem } from '@/lib/iceberg/properties/secret-property'
import type { NamespaceChange } from '@/server/catalog/port/catalog-write'
import { namespaceStates } from '@/server/catalog/namespace-states'
import type { Services } from '@/server/services'
import { maskProperty } from '@/server/table/mask-properties'
import type { Action } from '../pipeline/action'
import type { ChangeServices, Target } from '../pipeline/change-request'
import type { Attempt } from '../pipeline/attempt'

/** A property, the value that the user saw, and the value it gets; null: not set. */
export type NamespacePropertyChange = { name: string; base: string | null; value: string | null }

type Properties = { properties: Readonly<Record<string, string>> }

/** @throws {AppError} already-exists; invalid-request for a name or a property that is not allowed */
export const createNamespaceAction: Action<ChangeServices, Target, Properties, object> = {
  kind: 'create-namespace',
  isHeld: false,
  ability: () => 'create-namespace',
  async commit(attempt, on, { properties }) {
    for (const [name, value] of Object.entries(properties)) requireAllowed(name, value)
    await attempt.catalog.write(
      { kind: 'create-namespace', namespace: on.namespace, properties },
      recordedNamespace(attempt, on, 'create-namespace'),
    )
    return {}
  },
  repeat: async () => ({}),
}

type ChangeProperties = { changes: readonly NamespacePropertyChange[] }
type PropertyServices = Pick<Services, 'catalogs' | 'database' | 'keys'>

/**
 * @throws {AppError} invalid-request for a property that is not allowed, or that is changed twice
 * @throws {AppError} version-conflict when a property no longer has the value that the user saw; nothing was changed.
 * Another writer may still get between that check and the change, because the protocol cannot combine them.
 */
export const changePropertiesAction: Action<PropertyServices, Target, ChangeProperties, object> = {
  kind: 'change-namespace-properties',
  isHeld: false,
  ability: () => 'update-namespace',
  async commit(attempt, on, { changes }) {
    const { catalog, signal, services } = attempt
    requireAllowedChanges(changes)
    const { properties } = await catalog.loadNamespace(on.namespace, { signal })
    for (const { name, base } of changes) {
      const current = propertyValue(properties, name)
      if (base === current || base === maskProperty(services.keys, name, current, joinNamespace(on.namespace))) continue
      throw new AppError('version-conflict', `${name} has changed since you opened it. Nothing was changed.`, {
        facts: { property: name },
      })
    }
    const updates = Object.fromEntries(changes.flatMap(({ name, value }) => (value === null ? [] : [[name, value]])))
    const removals = changes.flatMap(({ name, value }) => (value === null ? [name] : []))
    const recorded = recordedNamespace(attempt, on, 'update-namespace')
    await catalog.write({ kind: 'update-namespace', namespace: on.namespace, updates, removals }, recorded)
    return {}
  },
  repeat: async () => ({}),
}

/** The options that record a change of a namespace. */
export function recordedNamespace(
  attempt: Attempt<ChangeServices>,
  { catalog, namespace }: Target,
  action: 'create-namespace' | 'update-namespace' | 'drop-namespace',
) {
  const known = attempt.entry({ action, namespace: { catalog, namespace } })
  return attempt.recorded({
    known,
    toEntry: (change: NamespaceChange) => ({ ...known, ...namespaceStates(change) }),
  })
}

/** @throws {AppError} invalid-request */
export function requireAllowedChanges(changes: readonly NamespacePropertyChange[]): void {
  const names = new Set<string>()
  for (const { name, value } of changes) {
    if (names.has(name)) throw new AppError('invalid-request', `The request changes ${name} twice.`)
    names.add(name)
    if (value !== null) requireAllowed(name, value)
  }
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
