'use client'
import { useMemo } from 'react'
import { type StoredNewTable, useStoredNewTable } from '@/lib/client/new-table-drafts'
import type { Namespace } from '@/lib/names/identifiers'
import { draftFromText, draftToText } from '@/lib/changes/new-table/draft-text'
import { EMPTY_DRAFT, type NewTableDraft } from '@/lib/changes/new-table/new-table-draft'

/** The table that a user declares. `location` is empty when the catalog chooses it. */
export type NewTableFields = { name: string; location: string; draft: NewTableDraft }

export type NewTableForm = NewTableFields & {
  isEmpty: boolean
  /** `toNext` gets the current fields, which another tab may have changed. */
  change: (toNext: (fields: NewTableFields) => Partial<NewTableFields>) => void
  changeDraft: (toNext: (draft: NewTableDraft) => NewTableDraft) => void
  clear: () => void
}

/** The draft of a namespace, stored in this browser. */
export function useNewTableForm(catalog: string, namespace: Namespace): NewTableForm {
  const { stored, update } = useStoredNewTable(catalog, namespace)
  const { name = '', location = '', draftText } = stored ?? {}
  const draft = useMemo(() => toDraft(draftText), [draftText])
  return useMemo(() => {
    const change: NewTableForm['change'] = (toNext) =>
      update((known) => {
        const now = toFields(known)
        const next = { ...now, ...toNext(now) }
        const text = next.draft === now.draft && known ? known.draftText : draftToText(next.draft)
        return { name: next.name, location: next.location, draftText: text }
      })
    return {
      name,
      location,
      draft,
      isEmpty: stored === null,
      change,
      changeDraft: (toNext) => change((fields) => ({ draft: toNext(fields.draft) })),
      clear: () => update(() => null),
    }
  }, [name, location, draft, stored, update])
}

function toFields(stored: StoredNewTable | null): NewTableFields {
  return { name: stored?.name ?? '', location: stored?.location ?? '', draft: toDraft(stored?.draftText) }
}

function toDraft(text: string | undefined): NewTableDraft {
  return (text === undefined ? null : draftFromText(text)) ?? EMPTY_DRAFT
}
