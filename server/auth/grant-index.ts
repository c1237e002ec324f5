import 'server-only'
import { joinNamespace } from '@/lib/iceberg/identifiers'
import { type Grant, isEverything, type Permission, type Resource } from '@/lib/permissions'

/**
 * Grants by what they are on. A check looks up the few resources that contain the one in question, however many grants
 * there are: a list of 10,000 tables is filtered for a user with hundreds of grants.
 */
export class GrantIndex {
  readonly #granted = new Map<Permission, Set<string>>()
  /** Everything that a grant is on, and every resource around it. */
  readonly #entered = new Set<string>()
  #isUnlimited = false

  constructor(grants: readonly Grant[]) {
    for (const { permission, on } of grants) {
      const keys = this.#granted.get(permission) ?? new Set()
      this.#granted.set(permission, keys.add(keyOf(on)))
      if (isEverything(on)) this.#isUnlimited = true
      else for (const around of containersOf(on)) this.#entered.add(keyOf(around))
    }
  }

  /** Whether a grant of the permission covers the resource. */
  covers(permission: Permission, resource: Resource): boolean {
    const keys = this.#granted.get(permission)
    return keys !== undefined && containersOf(resource).some((container) => keys.has(keyOf(container)))
  }

  /** Whether a grant covers the resource, or something in it. */
  reaches(resource: Resource): boolean {
    if (this.#isUnlimited || this.#entered.has(keyOf(resource))) return true
    return [...this.#granted.keys()].some((permission) => this.covers(permission, resource))
  }
}

/** A resource and those around it, up to everything. */
function containersOf({ catalog, namespace, table }: Resource): Resource[] {
  if (catalog === undefined) return [{}]
  const levels = namespace ?? []
  return [
    {},
    { catalog },
    ...levels.map((_, i) => ({ catalog, namespace: levels.slice(0, i + 1) })),
    ...(table === undefined ? [] : [{ catalog, namespace: levels, table }]),
  ]
}

/** No name contains U+0000: our database cannot store it. */
function keyOf({ catalog, namespace = [], table }: Resource): string {
  return [catalog ?? '', joinNamespace(namespace), table ?? ''].join('\0')
}
