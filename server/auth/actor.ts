import 'server-only'
import type { ActingClient } from '@/lib/contract/shapes/acting-client'
import type { ChangeOrigin } from '@/lib/contract/shapes/change-origin'
import { namespaceLabel } from '@/lib/names/identifiers'
import {
  type Grant,
  grantsOfRole,
  highestRole,
  intersectResources,
  isEverything,
  lesserRole,
  type Permission,
  type Resource,
  type Role,
  type RoleGrant,
} from '@/lib/permissions'
import { GrantIndex } from './grant-index'
import { RefusedPermission } from './refused-permission'

/** The user that a request acts for. Passed explicitly; no code below a route reads the session by itself. */
export type Actor = {
  userId: string
  username: string
  /** The highest role on everything; null: the user has roles on parts only. */
  role: Role | null
  grants: readonly Grant[]
  /** The limit of the token that acts for the user. */
  limit?: RoleGrant
  /** The client that acts for the user over the REST catalog; absent when they use the console themselves. */
  via?: ActingClient
  /** Where the actor acts from, for the audit. */
  origin?: ChangeOrigin
}

/** A user, the grants in addition to their role, and the limit of their token. */
type ActingUser = Pick<Actor, 'userId' | 'username' | 'role' | 'limit' | 'origin'> & {
  roleGrants?: readonly RoleGrant[]
}

/** A user as an actor: what their role grants on everything, and what their other roles grant on their resources. */
export function actorFor(user: ActingUser): Actor {
  const { userId, username, limit, origin } = user
  const roles = effectiveRoles(user)
  return {
    userId,
    username,
    role: highestRole(roles.filter(({ resource: on }) => isEverything(on)).map(({ role }) => role)),
    grants: roles.flatMap(({ role, resource: on }) => grantsOfRole(role, on)),
    ...(limit && { limit }),
    ...(origin && { origin }),
  }
}

/** All roles of a user, cut down to the limit of the token. */
export function effectiveRoles({ role, roleGrants = [], limit }: Omit<ActingUser, 'userId' | 'username'>): RoleGrant[] {
  const roles = [...(role === null ? [] : [{ role, resource: {} }]), ...roleGrants]
  return limit === undefined ? roles : roles.flatMap((grant) => cutDown(grant, limit))
}

function cutDown({ role, resource: on }: RoleGrant, limit: RoleGrant): RoleGrant[] {
  const common = intersectResources(on, limit.resource)
  return common === null ? [] : [{ role: lesserRole(role, limit.role), resource: common }]
}

const indexes = new WeakMap<readonly Grant[], GrantIndex>()

function indexOf({ grants }: Actor): GrantIndex {
  const known = indexes.get(grants)
  if (known) return known
  const index = new GrantIndex(grants)
  indexes.set(grants, index)
  return index
}

/** Whether the actor may do this to the resource; lists are filtered with it. */
export function isPermitted(actor: Actor, permission: Permission, resource: Resource): boolean {
  return indexOf(actor).covers(permission, resource)
}

/** Whether some grant reaches the resource or something in it, so that the actor may know that it exists. */
export function canEnter(actor: Actor, resource: Resource): boolean {
  return indexOf(actor).reaches(resource)
}

/** Every resource on which the actor has the permission. */
export function permittedResources(actor: Actor, permission: Permission): Resource[] {
  return actor.grants.filter((grant) => grant.permission === permission).map(({ resource: on }) => on)
}

/**
 * Refuses an act without the permission for it. A resource that the actor may not see appears not to exist, in the
 * words of the catalog, without a lookup.
 *
 * @param isNew the resource is a name that the act would take, so the error may name it
 * @throws {AppError} forbidden; not-found
 */
export function requirePermission(
  actor: Actor,
  permission: Permission,
  resource: Resource,
  { isNew = false }: { isNew?: boolean } = {},
): void {
  if (isPermitted(actor, permission, resource)) return
  if (!isNew) requireVisible(actor, resource, permission)
  throw new RefusedPermission('forbidden', `This needs the permission ${permission}.`, { permission, resource })
}

/**
 * @param permission that the act needs, as in the audit of a write
 * @throws {AppError} not-found for a catalog, a namespace, a table or a view that the actor may not see
 */
export function requireVisible(actor: Actor, on: Resource, permission: Permission = 'table:read'): void {
  const { catalog, namespace, table } = on
  if (catalog === undefined) return
  if (!canEnter(actor, { catalog }))
    throw new RefusedPermission('not-found', `There is no catalog named ${catalog} that you may see.`, {
      permission,
      resource: on,
    })
  if (namespace === undefined) return
  if (!canEnter(actor, { catalog, namespace })) {
    throw new RefusedPermission('not-found', `Namespace does not exist: ${namespaceLabel(namespace)}`, {
      permission,
      resource: on,
      facts: { missing: 'namespace' },
    })
  }
  if (table !== undefined && !isPermitted(actor, 'table:read', { catalog, namespace, table })) {
    throw new RefusedPermission('not-found', `Table does not exist: ${namespaceLabel(namespace)}.${table}`, {
      permission,
      resource: on,
      facts: { missing: 'table' },
    })
  }
}
