'use client'
import { Button } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { PropertyValue } from '@/components/changes/change-description'
import { ChangeList } from '@/components/changes/change-list'
import { CommitRequest } from '@/components/changes/commit-request'
import { ImpactReview } from '@/components/snapshots/impact-review'
import { useSafetyTag } from '@/components/snapshots/safety-tag-fields'
import { DangerConfirm } from '@/components/ui/controls/danger-confirm'
import { WaitingButton } from '@/components/ui/controls/waiting-button'
import { ProblemNote } from '@/components/ui/notes/problem-note'
import { SkeletonRows } from '@/components/ui/notes/skeleton-rows'
import { SidePanel } from '@/components/ui/side-panel'
import { undoPreviewQuery, useUndo } from '@/lib/client/history'
import { retryFetch } from '@/lib/client/call/retry'
import type { UndoPreview } from '@/lib/contract/history'
import { AppError } from '@/lib/errors'
import { namespaceLabel, type TableIdentifier } from '@/lib/iceberg/identifiers'
import { actionName } from './action-name'
import classes from './undo-panel.module.css'

/** `canRedo`: whether the undo can be undone without another confirmation. */
export type CompletedUndo = { auditId: string; canRedo: boolean }

type UndoPanelProps = {
  table: TableIdentifier
  auditId: string
  onClose: () => void
  onDone: (done: CompletedUndo) => void
}

/**
 * What an undo would change, before it does. If `main` loses snapshots, the panel offers a safety tag and asks for the
 * name of the table, as a rollback does.
 */
export function UndoPanel({ table, auditId, onClose, onDone }: UndoPanelProps) {
  const undo = useUndo(table)
  const { draft, setDraft, safetyTag, previewedTag, isComplete } = useSafetyTag('before-undo')
  const preview = useQuery({
    ...undoPreviewQuery(table, auditId, previewedTag),
    // During and after the undo its impact can no longer be computed.
    enabled: !undo.isPending && !undo.isSuccess,
  })
  const name = `${namespaceLabel(table.namespace)}.${table.table}`
  const confirm = ({ impact, needsConfirmation }: UndoPreview) =>
    undo.mutate(
      { auditId, ...(needsConfirmation && { confirmedName: name, safetyTag }) },
      {
        onSuccess: (done) =>
          onDone({
            auditId: done.auditId,
            canRedo: impact === null || (needsConfirmation && impact.stepCountForward === 0),
          }),
      },
    )
  const { data } = preview
  return (
    <SidePanel
      title={data ? `Undo: ${actionName(data.action)}` : 'Undo'}
      subtitle="Nothing has changed yet"
      width={428}
      onClose={onClose}
      takesFocus
      footer={
        data && (
          <div className={classes.foot}>
            {undo.error && <ProblemNote error={undo.error} subject={name} unchanged="The table was not changed." />}
            {data.needsConfirmation ? (
              <DangerConfirm
                name={name}
                action="Undo"
                isPending={undo.isPending}
                isDisabled={!isComplete}
                onCancel={onClose}
                onConfirm={() => confirm(data)}
              />
            ) : (
              <div className={classes.buttons}>
                <Button variant="default" onClick={onClose} disabled={undo.isPending}>
                  Cancel
                </Button>
                <WaitingButton loading={undo.isPending} onClick={() => confirm(data)}>
                  Undo
                </WaitingButton>
              </div>
            )}
          </div>
        )
      }
    >
      <div className={classes.body}>
        {preview.isPending && <SkeletonRows rows={6} columns={4} label="Preparing the undo" />}
        {preview.error && (
          <ProblemNote
            error={preview.error}
            subject={name}
            {...(isMissingEntry(preview.error)
              ? {
                  title: 'No such entry in the history',
                  next: 'The address may be wrong, or of a table that was dropped. Choose an entry from the list.',
                  back: { label: 'Back to the history', onBack: onClose },
                }
              : { onRetry: () => retryFetch(preview.refetch) })}
          />
        )}
        {data && data.properties.length > 0 && <PropertyChanges properties={data.properties} />}
        {data && data.intents.length > 0 && <ChangeList intents={data.intents} />}
        {data &&
          (data.impact ? (
            <ImpactReview impact={data.impact} tag={draft} onTagChange={setDraft} />
          ) : (
            <CommitRequest {...data.request} />
          ))}
      </div>
    </SidePanel>
  )
}

/** Whether the table was found, but not the entry of its history. */
function isMissingEntry(error: Error): boolean {
  return error instanceof AppError && error.code === 'not-found' && error.facts['auditId'] !== undefined
}

function PropertyChanges({ properties }: Pick<UndoPreview, 'properties'>) {
  return (
    <ul className={classes.properties} aria-label="Properties">
      {properties.map(({ name, now, after }) => (
        <li key={name}>
          <code>{name}</code>{' '}
          <span className={classes.now}>
            <PropertyValue value={now} />
          </span>{' '}
          → <PropertyValue value={after} />
        </li>
      ))}
    </ul>
  )
}
