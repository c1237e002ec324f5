'use client'
import { createStoredDrafts } from './stored-drafts'

/** The texts that a user wrote for a view. */
export type StoredView = {
  draftKey: string
  /** The version that an edit began with; null for a view that is not created yet. */
  baseVersionId: number | null
  draftText: string
  storedAtMs: number
}

const drafts = createStoredDrafts('views', isStoredView)

export const useStoredView = drafts.useDraft

/** Removes a user's drafts from this browser. */
export const clearViewDrafts = drafts.clear

function isStoredView(value: unknown): value is StoredView {
  if (typeof value !== 'object' || value === null) return false
  const { draftKey, baseVersionId, draftText, storedAtMs } = value as Record<string, unknown>
  return (
    typeof draftKey === 'string' &&
    typeof draftText === 'string' &&
    (baseVersionId === null || Number.isSafeInteger(baseVersionId)) &&
    Number.isSafeInteger(storedAtMs)
  )
}
