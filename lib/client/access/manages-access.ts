'use client'
import type { Resource } from '@/lib/permissions'
import { useHasPermission } from '../session/permissions'

/** Whether the user decides who may do what with a resource. Undefined until the session is known. */
export function useManagesAccess(on: Resource): boolean | undefined {
  return useHasPermission('access:manage', on)
}

/** Whether the user decides so for anything. */
export function useManagesSomeAccess(): boolean {
  return useHasPermission('access:manage') === true
}
