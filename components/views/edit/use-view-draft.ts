'use client'
import { useEffect, useRef, useState } from 'react'
import { useStoredView } from '@/lib/client/view-drafts'
import type { ViewFields } from './use-view-form'
import { fieldsFromText, fieldsToText } from './view-draft-text'

/** @param draftKey identifies the draft, which this browser stores. The user has to be known */
export function useViewDraft(draftKey: readonly (string | null)[]) {
  const { stored, update } = useStoredView(JSON.stringify(draftKey))
  // Read when the form opens: later text of another tab must not replace the text of this one.
  const [restored] = useState(() => {
    const fields = stored && fieldsFromText(stored.draftText)
    return stored && fields && { ...stored, fields }
  })
  return { draftKey: JSON.stringify(draftKey), restored, update }
}

/**
 * Stores the form while it differs from its initial state.
 *
 * @returns removes the draft
 */
export function useStoreViewDraft(
  { draftKey, restored, update }: ReturnType<typeof useViewDraft>,
  fields: ViewFields,
  { isChanged, baseVersionId }: { isChanged: boolean; baseVersionId: number | null },
): () => void {
  // An unchanged form leaves the draft of another tab alone.
  const isStored = useRef(restored !== null)
  useEffect(() => {
    if (isChanged) {
      const draftText = fieldsToText(fields)
      update((known) =>
        known?.draftText === draftText && known.baseVersionId === baseVersionId
          ? known
          : { draftKey, baseVersionId, draftText, storedAtMs: Date.now() },
      )
    } else if (isStored.current) update(() => null)
    isStored.current = isChanged
  }, [fields, isChanged, baseVersionId, draftKey, update])
  return () => {
    isStored.current = false
    update(() => null)
  }
}
