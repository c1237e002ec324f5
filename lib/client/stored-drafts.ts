'use client'
import { useCallback } from 'react'
import { useUserId } from './session/initial-session'
import { createStoredList } from './stored-list'

/** The oldest drafts make room for newer ones. */
const MAX_DRAFTS = 10
/** More hold until the page is left, because browsers store few megabytes. */
const MAX_STORED_CHARS = 500_000

type AnyDraft = { draftKey: string; draftText: string }

/**
 * Drafts of one kind, in the browser's local storage until the user signs out: they survive a reload, and are the same in
 * every tab. While the user is unknown, drafts cannot be read or written.
 *
 * @param kind in the storage key
 * @param isDraft checks one stored value: another version of Lakeshore may have written it
 */
export function createStoredDrafts<Draft extends AnyDraft>(kind: string, isDraft: (value: unknown) => value is Draft) {
  const drafts = createStoredList((value) => (isDraft(value) ? value : null))
  const toStorageKey = (userId: string) => `lakeshore.${kind}.${userId}`

  /** @param draftKey the subject of the draft: a later draft with this key replaces it */
  function useDraft(draftKey: string) {
    const userId = useUserId()
    const storageKey = userId === null ? null : toStorageKey(userId)
    const stored = drafts.useItems(storageKey).find((one) => one.draftKey === draftKey) ?? null
    /** @param toNext gets the newest draft, which another tab may have written, and returns the next; null for none */
    const update = useCallback(
      (toNext: (stored: Draft | null) => Draft | null) => {
        if (storageKey === null) return
        const known = drafts.read(storageKey)
        const next = toNext(known.find((one) => one.draftKey === draftKey) ?? null)
        const others = known.filter((one) => one.draftKey !== draftKey)
        if (next === null && others.length === known.length) return
        const retained = next === null ? others : [...others, next].slice(-MAX_DRAFTS)
        const chars = retained.reduce((sum, one) => sum + one.draftText.length, 0)
        drafts.write(storageKey, retained, { isStored: chars <= MAX_STORED_CHARS })
      },
      [storageKey, draftKey],
    )
    return { stored, update, isKnown: storageKey !== null }
  }

  /** Removes a user's drafts from this browser. */
  function clear(userId: string): void {
    drafts.write(toStorageKey(userId), [])
  }

  return { useDraft, clear }
}
