import 'server-only'
import type { ActingClient } from '@/lib/contract/shapes/acting-client'
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
}

/** A user as an actor: what their role grants, everywhere. */
export function actorFor(user: { userId: string; username: string; role: Role }): Actor {
  return { userId: user.userId, username: user.username, role: user.role, grants: grantsOfRole(user.role) }
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
