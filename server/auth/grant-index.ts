import 'server-only'
import { type Grant, isEverything, type Permission, type Resource } from '@/lib/permissions'

/**
 * Grants by their resource. A check looks up the few resources that contain the one in question, however many grants
 * there are: a list of 10,000 tables is filtered for a user with hundreds of grants. It looks no deeper than the
 * deepest grant, however many levels a namespace has.
 */
export class GrantIndex {
  readonly #granted = new Map<Permission, Set<string>>()
  /** Everything that a grant is on, and every resource around it. */
  readonly #entered = new Set<string>()
  /** The most levels that the namespace of a grant has. */
  readonly #maxLevels: number
  #isUnlimited = false

  constructor(grants: readonly Grant[]) {
    this.#maxLevels = grants.reduce((most, { resource: on }) => Math.max(most, on.namespace?.length ?? 0), 0)
    for (const { permission, resource: on } of grants) {
      const keys = this.#granted.get(permission) ?? new Set()
      const around = [...containerKeys(on, this.#maxLevels)]
      this.#granted.set(permission, keys.add(around.at(-1) ?? ''))
      if (isEverything(on)) this.#isUnlimited = true
      else for (const key of around) this.#entered.add(key)
    }
  }

  /** Whether a grant of the permission covers the resource. */
  covers(permission: Permission, resource: Resource): boolean {
    const keys = this.#granted.get(permission)
    if (keys === undefined) return false
    for (const key of containerKeys(resource, this.#maxLevels)) if (keys.has(key)) return true
    return false
  }

  /** Whether a grant covers the resource, or something in it. */
  reaches(resource: Resource): boolean {
    if (this.#isUnlimited) return true
    if ((resource.namespace?.length ?? 0) <= this.#maxLevels) {
      const key = [...containerKeys(resource, this.#maxLevels)].at(-1)
      if (key !== undefined && this.#entered.has(key)) return true
    }
    return [...this.#granted.keys()].some((permission) => this.covers(permission, resource))
  }
}

/**
 * The keys of everything, of the catalog, of each level of the namespace and of the resource itself, each built from
 * the one before it. Names cannot contain U+0000: our database cannot store it.
 *
 * @param maxLevels no grant is deeper, so deeper keys are left out
 */
export function* containerKeys({ catalog, namespace = [], table }: Resource, maxLevels: number): Generator<string> {
  let key = ''
  yield key
  if (catalog === undefined) return
  yield (key += `\0c${catalog}`)
  for (let i = 0; i < namespace.length; i += 1) {
    if (i === maxLevels) return
    yield (key += `\0n${namespace[i]}`)
  }
  if (table !== undefined) yield `${key}\0t${table}`
}
