'use client'
import { useEffect, useRef, useState } from 'react'
import { useStoredView } from '@/lib/client/view-drafts'
import type { ViewFields } from './use-view-form'
import { fieldsFromText, fieldsToText } from './view-draft-text'

/** @param place what is written: a draft of each is stored in this browser. The user has to be known */
export function useViewDraft(place: readonly (string | null)[]) {
  const { stored, update } = useStoredView(JSON.stringify(place))
  // As it was when the form was opened: what another tab writes since must not replace what is written here.
  const [restored] = useState(() => {
    const fields = stored && fieldsFromText(stored.draftText)
    return stored && fields && { ...stored, fields }
  })
  return { place: JSON.stringify(place), restored, update }
}

/**
 * Stores what is written while it differs from what the form begins with.
 *
 * @returns removes the draft
 */
export function useStoreViewDraft(
  { place, restored, update }: ReturnType<typeof useViewDraft>,
  fields: ViewFields,
  { isChanged, baseVersionId }: { isChanged: boolean; baseVersionId: number | null },
): () => void {
  // A form in which nothing was written leaves the draft of another tab alone.
  const isStored = useRef(restored !== null)
  useEffect(() => {
    if (isChanged) {
      const draftText = fieldsToText(fields)
      update((known) =>
        known?.draftText === draftText && known.baseVersionId === baseVersionId
          ? known
          : { place, baseVersionId, draftText, storedAtMs: Date.now() },
      )
    } else if (isStored.current) update(() => null)
    isStored.current = isChanged
  }, [fields, isChanged, baseVersionId, place, update])
  return () => {
    isStored.current = false
    update(() => null)
  }
}
