import { ReaderEffectsNote } from '@/components/changes/action/reader-effects-note'
import { UsedByNote } from '@/components/changes/action/used-by-note'
import type { ViewEdit } from '@/lib/changes/view-edits/view-edit'
import type { ViewEditReview } from '@/lib/contract/lifecycle/views'
import type { ViewIdentifier } from '@/lib/names/identifiers'
import { effectsOfLostColumns } from '@/lib/uses/reader-effects'

type EditedViewReadersProps = { view: ViewIdentifier; edit: ViewEdit | null; review: ViewEditReview | undefined }

/** The readers of a view that gets another version: the effects on those of columns that it loses, or otherwise all. */
export function EditedViewReaders({ view, edit, review }: EditedViewReadersProps) {
  if (edit === null || edit.kind === 'properties' || review === undefined || review.request === null) return null
  const { lostColumns } = review
  if (lostColumns.length === 0) return <UsedByNote entry={view} />
  return <ReaderEffectsNote entry={view} lost="columns" toEffects={(uses) => effectsOfLostColumns(uses, lostColumns)} />
}
