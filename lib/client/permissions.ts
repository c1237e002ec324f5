'use client'
import { useQuery } from '@tanstack/react-query'
import { createContext, use } from 'react'
import type { Permission } from '@/lib/permissions'
import { sessionQuery } from './session'

/** What the person might do when the page was made, so that what is offered stands there from the first picture on. */
export const PermissionsAtFirst = createContext<readonly Permission[] | undefined>(undefined)

/** What the person may do; undefined until it is known who is signed in. */
export function usePermissions(): readonly Permission[] | undefined {
  const atFirst = use(PermissionsAtFirst)
  const { data: session } = useQuery(sessionQuery())
  return session?.permissions ?? atFirst
}

/** Whether to offer something: what would be refused is not. Undefined until it is known who is signed in. */
export function useMay(permission: Permission): boolean | undefined {
  return usePermissions()?.includes(permission)
}
