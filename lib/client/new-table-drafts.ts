'use client'
import { useCallback } from 'react'
import { joinNamespace, type Namespace } from '@/lib/names/identifiers'
import { createStoredDrafts } from './stored-drafts'

/** A table that is not created yet, in a namespace; its draft as text. */
export type StoredNewTable = { draftKey: string; name: string; location: string; draftText: string }

const drafts = createStoredDrafts('new-tables', isStoredNewTable)

/** Removes a user's drafts from this browser. */
export const clearNewTableDrafts = drafts.clear

/** The draft of a namespace. */
export function useStoredNewTable(catalog: string, namespace: Namespace) {
  const draftKey = JSON.stringify([catalog, joinNamespace(namespace)])
  const { stored, update: updateStored, isKnown } = drafts.useDraft(draftKey)
  /** @param toNext gets the newest draft, which another tab may have written, and returns the next; null for none */
  const update = useCallback(
    (toNext: (stored: StoredNewTable | null) => Omit<StoredNewTable, 'draftKey'> | null) =>
      updateStored((known) => {
        const next = toNext(known)
        return next && { ...next, draftKey }
      }),
    [updateStored, draftKey],
  )
  return { stored, update, isKnown }
}

function isStoredNewTable(value: unknown): value is StoredNewTable {
  if (typeof value !== 'object' || value === null) return false
  return ['draftKey', 'name', 'location', 'draftText'].every(
    (key) => typeof (value as Record<string, unknown>)[key] === 'string',
  )
}
