'use client'
import { useQuery } from '@tanstack/react-query'
import { createContext, use } from 'react'
import type { Permission, RoleGrant } from '@/lib/permissions'
import { sessionQuery } from './session'

/** The session when the page was rendered, so that the first paint already shows the right controls. */
export const InitialSession = createContext<SessionAccess | undefined>(undefined)

/** The permissions on everything, and the roles on parts of the lake; absent: none. */
export type SessionAccess = {
  userId: string
  permissions: readonly Permission[]
  grants?: readonly RoleGrant[]
}

/** The signed-in user; null while unknown. */
export function useUserId(): string | null {
  const initialSession = use(InitialSession)
  const { data: session } = useQuery(sessionQuery())
  return session?.userId ?? initialSession?.userId ?? null
}
