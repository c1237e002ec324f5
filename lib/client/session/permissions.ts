'use client'
import { useQuery } from '@tanstack/react-query'
import { use, useMemo } from 'react'
import { covers, type Grant, type Permission, type Resource, grantsOfRole } from '@/lib/permissions'
import { InitialSession, type SessionAccess } from './initial-session'
import { sessionQuery } from './session'

type Access = Pick<SessionAccess, 'permissions' | 'grants'>

/** The access of the user; undefined until the session is known. */
function useAccess(): Access | undefined {
  const initialSession = use(InitialSession)
  const { data: session } = useQuery(sessionQuery())
  const permissions = session?.permissions ?? initialSession?.permissions
  const grants = session?.grants ?? initialSession?.grants
  return useMemo(() => permissions && { permissions, ...(grants && { grants }) }, [permissions, grants])
}

/**
 * Whether to offer an action: an action that would be refused is hidden. Undefined until the session is known.
 *
 * @param resource that the action is about; absent: everything
 */
export function useHasPermission(permission: Permission, resource: Resource = {}): boolean | undefined {
  const access = useAccess()
  return access && hasPermission(access, permission, resource)
}

/**
 * The permissions that the user has on any resource, to decide which links to show. Undefined until the session is
 * known.
 */
export function usePermissions(): readonly Permission[] | undefined {
  const access = useAccess()
  return useMemo(
    () => access && [...access.permissions, ...grantsOf(access).map(({ permission }) => permission)],
    [access],
  )
}

function hasPermission(access: Access, permission: Permission, resource: Resource): boolean {
  if (access.permissions.includes(permission)) return true
  return grantsOf(access).some((grant) => grant.permission === permission && covers(grant.resource, resource))
}

function grantsOf({ grants = [] }: Access): Grant[] {
  return grants.flatMap(({ role, resource: on }) => grantsOfRole(role, on))
}
