'use client'
import { useCallback } from 'react'
import { joinNamespace, type Namespace } from '@/lib/names/identifiers'
import { createStoredDrafts } from './stored-drafts'

/** A table that is not created yet, in a namespace; its draft as text. */
export type StoredNewTable = { place: string; name: string; location: string; draftText: string }

const drafts = createStoredDrafts('new-tables', isStoredNewTable)

/** Removes a user's drafts from this browser. */
export const clearNewTableDrafts = drafts.clear

/** The draft of a namespace. */
export function useStoredNewTable(catalog: string, namespace: Namespace) {
  const place = JSON.stringify([catalog, joinNamespace(namespace)])
  const { stored, update: updateStored, isKnown } = drafts.useDraft(place)
  /** @param toNext gets the newest draft, which another tab may have written; null: there is none, and is to be none */
  const update = useCallback(
    (toNext: (stored: StoredNewTable | null) => Omit<StoredNewTable, 'place'> | null) =>
      updateStored((known) => {
        const next = toNext(known)
        return next && { ...next, place }
      }),
    [updateStored, place],
  )
  return { stored, update, isKnown }
}

function isStoredNewTable(value: unknown): value is StoredNewTable {
  if (typeof value !== 'object' || value === null) return false
  return ['place', 'name', 'location', 'draftText'].every(
    (key) => typeof (value as Record<string, unknown>)[key] === 'string',
  )
}
