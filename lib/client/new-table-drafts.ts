'use client'
import { useQuery } from '@tanstack/react-query'
import { useCallback } from 'react'
import { joinNamespace, type Namespace } from '@/lib/iceberg/identifiers'
import { sessionQuery } from './session/session'
import { createStoredList } from './stored-list'

/** A table that is not created yet, in a namespace; its draft as text. */
export type StoredNewTable = { place: string; name: string; location: string; draftText: string }

/** The oldest drafts make room for newer ones. */
const MAX_DRAFTS = 10
/** More hold until the page is left, because browsers store few megabytes. */
const MAX_STORED_CHARS = 500_000

const drafts = createStoredList((value) => (isStoredNewTable(value) ? value : null))

/**
 * The draft of a namespace, in the browser's local storage until the user signs out: it survives a reload, and is the
 * same in every tab. While the user is unknown there is none, and none can be written.
 */
export function useStoredNewTable(catalog: string, namespace: Namespace) {
  const { data: session } = useQuery(sessionQuery())
  const storageKey = session === undefined ? null : toStorageKey(session.userId)
  const place = JSON.stringify([catalog, joinNamespace(namespace)])
  const stored = drafts.useItems(storageKey).find((one) => one.place === place) ?? null
  /** @param toNext gets the newest draft, which another tab may have written; null: there is none, and is to be none */
  const update = useCallback(
    (toNext: (stored: StoredNewTable | null) => Omit<StoredNewTable, 'place'> | null) => {
      if (storageKey === null) return
      const known = drafts.read(storageKey)
      const next = toNext(known.find((one) => one.place === place) ?? null)
      const others = known.filter((one) => one.place !== place)
      const kept = next === null ? others : [...others, { ...next, place }].slice(-MAX_DRAFTS)
      const chars = kept.reduce((sum, one) => sum + one.draftText.length, 0)
      drafts.write(storageKey, kept, { isStored: chars <= MAX_STORED_CHARS })
    },
    [storageKey, place],
  )
  return { stored, update, isKnown: storageKey !== null }
}

/** Removes a user's drafts from this browser. */
export function clearNewTableDrafts(userId: string): void {
  drafts.write(toStorageKey(userId), [])
}

function toStorageKey(userId: string): string {
  return `lakeshore.new-tables.${userId}`
}

function isStoredNewTable(value: unknown): value is StoredNewTable {
  if (typeof value !== 'object' || value === null) return false
  return ['place', 'name', 'location', 'draftText'].every(
    (key) => typeof (value as Record<string, unknown>)[key] === 'string',
  )
}
