import 'server-only'
import type { ActingClient } from '@/lib/contract/shapes/acting-client'
import type { ChangeOrigin } from '@/lib/contract/shapes/change-origin'
import { AppError } from '@/lib/errors'
import { covers, type Grant, grantsOfRole, type Permission, type Resource, type Role } from '@/lib/permissions'

/** The user that a request acts for. Passed explicitly; no code below a route reads the session by itself. */
export type Actor = {
  userId: string
  username: string
  role: Role
  grants: readonly Grant[]
  /** The client that acts for the user over the REST catalog; absent when they use the console themselves. */
  via?: ActingClient
  /** Where the actor acts from, for the audit. */
  origin?: ChangeOrigin
}

/** A user as an actor: what their role grants, everywhere. */
export function actorFor(user: Pick<Actor, 'userId' | 'username' | 'role' | 'origin'>): Actor {
  const { userId, username, role, origin } = user
  return { userId, username, role, grants: grantsOfRole(role), ...(origin && { origin }) }
}

/** Whether the actor may do this to the resource; lists are filtered with it. */
export function isPermitted(actor: Actor, permission: Permission, resource: Resource): boolean {
  return actor.grants.some((grant) => grant.permission === permission && covers(grant.on, resource))
}

/** Every resource on which the actor has the permission. */
export function permittedResources(actor: Actor, permission: Permission): Resource[] {
  return actor.grants.filter((grant) => grant.permission === permission).map(({ on }) => on)
}

/** @throws {AppError} forbidden, in the same words whether or not the resource exists. */
export function requirePermission(actor: Actor, permission: Permission, resource: Resource): void {
  if (!isPermitted(actor, permission, resource))
    throw new AppError('forbidden', `This needs the permission ${permission}.`)
}
