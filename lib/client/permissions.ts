'use client'
import { useQuery } from '@tanstack/react-query'
import { createContext, use } from 'react'
import type { Permission } from '@/lib/permissions'
import { sessionQuery } from './session'

/** What the person might do when the page was made, so that what is offered stands there from the first picture on. */
export const InitialPermissions = createContext<readonly Permission[] | undefined>(undefined)

/** What the person may do; undefined until it is known who is signed in. */
export function usePermissions(): readonly Permission[] | undefined {
  const initialPermissions = use(InitialPermissions)
  const { data: session } = useQuery(sessionQuery())
  return session?.permissions ?? initialPermissions
}

/** Whether to offer something: what would be refused is not. Undefined until it is known who is signed in. */
export function useHasPermission(permission: Permission): boolean | undefined {
  return usePermissions()?.includes(permission)
}
