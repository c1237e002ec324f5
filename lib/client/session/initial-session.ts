'use client'
import { useQuery } from '@tanstack/react-query'
import { createContext, use } from 'react'
import type { Permission } from '@/lib/permissions'
import { sessionQuery } from './session'

/** The session when the page was rendered, so that the first paint already shows the right controls. */
export const InitialSession = createContext<{ userId: string; permissions: readonly Permission[] } | undefined>(
  undefined,
)

/** The signed-in user; null while unknown. */
export function useUserId(): string | null {
  const initialSession = use(InitialSession)
  const { data: session } = useQuery(sessionQuery())
  return session?.userId ?? initialSession?.userId ?? null
}
