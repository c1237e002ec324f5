'use client'
import type { ReactNode } from 'react'
import { ActionPanel } from '@/components/changes/action/action-panel'
import { useReview } from '@/components/changes/action/use-review'
import { CreationNotes } from '@/components/explore/new-table/creation-notes'
import { useSettled } from '@/components/ui/use-settled'
import { editToWire, viewEditReviewQuery } from '@/lib/client/lifecycle/views'
import { entryLabel, type ViewIdentifier } from '@/lib/names/identifiers'
import type { ViewEdit } from '@/lib/changes/view-edits/view-edit'
import { EditedViewReaders } from '../edited-view-readers'
import { useViewWrite } from '../edit/use-view-write'
import { isFitting, viewEditParts } from '../view-edit-review'

type ViewEditPanelProps = {
  view: ViewIdentifier
  title: string
  action: string
  /** Null while the fields are unchanged or invalid. */
  edit: ViewEdit | null
  onClose: () => void
  onDone: () => void
  children: ReactNode
}

const NO_EDIT: ViewEdit = { kind: 'properties', changes: [] }

/** A change of a view that fits a panel: its fields, the exact request, and the commit or the proposal. */
export function ViewEditPanel({ view, title, action, edit, onClose, onDone, children }: ViewEditPanelProps) {
  const requested = JSON.stringify(edit)
  const settled = useSettled(requested)
  const isSettled = edit !== null && settled === requested
  const write = useViewWrite(requested, onDone)
  const { query, data } = useReview(
    viewEditReviewQuery(view, edit ?? NO_EDIT),
    write,
    isSettled && write.state === 'open',
  )
  const shown = edit === null ? undefined : data
  return (
    <ActionPanel
      title={title}
      width={468}
      entry={view}
      choices={<CreationNotes make={write} label={entryLabel(view)} verb="changed" />}
      fields={children}
      query={edit !== null && query.error ? query : null}
      {...viewEditParts(shown, 'meanwhile. Close this, look at it, and begin again.')}
      // Its failure is shown with the possible next steps.
      write={{ ...write, error: null }}
      action={{
        proposed: { kind: 'change-view', edit: editToWire(edit ?? NO_EDIT) },
        id: requested,
        label: action,
        fits: isSettled && isFitting(shown) && !query.isPlaceholderData && write.state === 'open',
        commit: () => edit !== null && write.submit((keyed) => ({ ...view, ...keyed, kind: 'edit', edit })),
      }}
      onClose={onClose}
    >
      {write.state === 'open' && <EditedViewReaders view={view} edit={edit} review={shown} />}
    </ActionPanel>
  )
}
