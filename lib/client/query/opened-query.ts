'use client'
import { useCallback, useMemo, useSyncExternalStore } from 'react'
import { z } from 'zod'
import { OPENED_QUERY_KEY } from '../session/sign-out-signal'

/** The saved query that the text in the editor was opened from, as it was then. */
const openedQuery = z.object({
  userId: z.string(),
  queryId: z.string(),
  version: z.number(),
  name: z.string(),
  sql: z.string(),
  owner: z.string(),
  isShared: z.boolean(),
  isOwn: z.boolean(),
  mayChange: z.boolean(),
})
export type OpenedQuery = Omit<z.output<typeof openedQuery>, 'userId'>

/**
 * The saved query that this browser tab has open, which a reload keeps.
 *
 * @param userId null while the user is unknown: then nothing is restored or stored
 */
export function useOpenedQuery(userId: string | null) {
  const stored = useSyncExternalStore(subscribe, readStored, () => null)
  const opened = useMemo(() => (userId === null ? null : parseOpenedQuery(stored, userId)), [stored, userId])
  const open = useCallback(
    (next: OpenedQuery | null) => {
      if (userId !== null) storeOpenedQuery(userId, next)
    },
    [userId],
  )
  return [opened, open] as const
}

/** In place of the storage, if that is full or blocked. Then a reload forgets which query is open. */
let unstored: string | null = null
const listeners = new Set<() => void>()

function readStored(): string | null {
  try {
    return sessionStorage.getItem(OPENED_QUERY_KEY) ?? unstored
  } catch {
    return unstored
  }
}

function parseOpenedQuery(stored: string | null, userId: string): OpenedQuery | null {
  try {
    const parsed = openedQuery.safeParse(JSON.parse(stored ?? 'null')).data
    if (parsed?.userId !== userId) return null
    const { userId: _, ...opened } = parsed
    return opened
  } catch {
    return null
  }
}

function storeOpenedQuery(userId: string, opened: OpenedQuery | null): void {
  const text = opened === null ? null : JSON.stringify({ ...opened, userId })
  unstored = null
  try {
    if (text === null) sessionStorage.removeItem(OPENED_QUERY_KEY)
    else sessionStorage.setItem(OPENED_QUERY_KEY, text)
  } catch {
    unstored = text
  }
  for (const listener of listeners) listener()
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}
