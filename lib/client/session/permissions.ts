'use client'
import { useQuery } from '@tanstack/react-query'
import { createContext, use } from 'react'
import type { Permission } from '@/lib/permissions'
import { sessionQuery } from './session'

/** The user's permissions when the page was rendered, so that the first paint already shows the right controls. */
export const InitialPermissions = createContext<readonly Permission[] | undefined>(undefined)

/** The user's permissions; undefined until the session is known. */
export function usePermissions(): readonly Permission[] | undefined {
  const initialPermissions = use(InitialPermissions)
  const { data: session } = useQuery(sessionQuery())
  return session?.permissions ?? initialPermissions
}

/** Whether to offer an action: an action that would be refused is hidden. Undefined until the session is known. */
export function useHasPermission(permission: Permission): boolean | undefined {
  return usePermissions()?.includes(permission)
}
