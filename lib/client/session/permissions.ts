'use client'
import { useQuery } from '@tanstack/react-query'
import { use } from 'react'
import type { Permission, Resource } from '@/lib/permissions'
import { InitialSession } from './initial-session'
import { sessionQuery } from './session'

/** The user's permissions; undefined until the session is known. */
export function usePermissions(): readonly Permission[] | undefined {
  const initialSession = use(InitialSession)
  const { data: session } = useQuery(sessionQuery())
  return session?.permissions ?? initialSession?.permissions
}

/** Whether to offer an action: an action that would be refused is hidden. Undefined until the session is known. */
export function useHasPermission(permission: Permission, _on: Resource = {}): boolean | undefined {
  return usePermissions()?.includes(permission)
}
