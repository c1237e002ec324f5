'use client'
import { TextInput } from '@mantine/core'
import { IconArrowBackUp, IconClockX, IconFileText } from '@tabler/icons-react'
import { useState } from 'react'
import type { CompletedAction } from '@/components/changes/commit/action-notice'
import { ActionPanel } from '@/components/changes/action/action-panel'
import type { ActionReviewProps } from '@/components/changes/action/action-review'
import { useReview } from '@/components/changes/action/use-review'
import { useShownTable } from '@/components/table/frame/shown-table'
import { Mono } from '@/components/ui/values/mono'
import { expiryUndoQuery, useUndoExpiry } from '@/lib/client/table/expiry'
import type { ExpiryUndoPreview } from '@/lib/contract/table/expiry'
import { formatQuantity } from '@/lib/format/count'
import { entryLabel } from '@/lib/names/identifiers'
import impactClasses from '../impact/impact-review.module.css'

type ExpiryUndoPanelProps = {
  auditId: string
  onClose: () => void
  onDone: (done: CompletedAction) => void
}

/** Brings the snapshots of an expiry back, or proposes that, or says why it is no longer possible. */
export function ExpiryUndoPanel({ auditId, onClose, onDone }: ExpiryUndoPanelProps) {
  const { table } = useShownTable()
  const undo = useUndoExpiry(table)
  const { query, data } = useReview(expiryUndoQuery(table, auditId), undo)
  const [newName, setNewName] = useState(`${table.table}_before_expiry`)
  const isPossible = data !== undefined && data.problem === null
  const needsName = data?.method === 'register'
  const requestedName = newName.trim()
  const confirm = () =>
    undo.mutate(
      { auditId, ...(needsName && { newName: requestedName }) },
      {
        onSuccess: (done) =>
          onDone({
            auditId: done.auditId,
            canUndo: false,
            message: needsName ? `${done.table} has the snapshots from before.` : 'Undone: the snapshots are back.',
          }),
      },
    )
  return (
    <ActionPanel
      title="Undo: Expire snapshots"
      entry={table}
      query={query}
      problem={{ back: { label: 'Back', onBack: onClose } }}
      {...expiryUndoParts(data, 'It cannot be undone.')}
      write={undo}
      action={
        isPossible
          ? {
              proposed: { kind: 'undo-expiry', auditId, newName: needsName ? requestedName : null },
              label: needsName ? 'Register the table' : 'Undo',
              fits: !needsName || requestedName !== '',
              commit: confirm,
            }
          : null
      }
      onClose={onClose}
      onProposed={(proposal) => onDone({ proposal })}
    >
      {isPossible && <UndoSentences preview={data} name={entryLabel(table)} />}
      {isPossible && data.requiredBy && (
        <p>
          Until another user commits it, {data.method === 'restore' && 'a commit to the table or '}the removal of the
          files makes it impossible. The removal can be cancelled by one user: then the files stay.
        </p>
      )}
      {isPossible && needsName && (
        <TextInput
          label="Name of the table with the snapshots from before"
          value={newName}
          onChange={(event) => setNewName(event.currentTarget.value)}
          autoComplete="off"
          spellCheck={false}
        />
      )}
    </ActionPanel>
  )
}

/**
 * The parts of the review of the undo of an expiry.
 *
 * @param impossible the first sentence of why it cannot be undone
 */
export function expiryUndoParts(preview: ExpiryUndoPreview | undefined, impossible: string): ActionReviewProps {
  const problem = preview?.problem ?? null
  return {
    skeleton: [4, 2, 'Preparing the undo'],
    warnings: problem === null ? [] : [`${impossible} ${problem}`],
  }
}

/** The effect of the undo, in the panel and on the page of its proposal. */
export function UndoSentences({ preview, name }: { preview: ExpiryUndoPreview; name: string }) {
  const { method, snapshotCount, removal, metadataLocation } = preview
  const isPending = removal !== null && removal.finishedAtMs === null
  return (
    <ul className={impactClasses.sentences}>
      {isPending && (
        <li>
          <IconClockX size={16} stroke={1.6} aria-hidden />
          <span>First the removal of the files is cancelled.</span>
        </li>
      )}
      <li>
        <IconArrowBackUp size={16} stroke={1.6} aria-hidden />
        <span>
          {method === 'restore'
            ? `${isPending ? 'Then ' : ''}${name} gets ${formatQuantity(snapshotCount, 'snapshot')} back, with the branches and tags of that time, as a new version. It is rejected if the table changes first.`
            : `${isPending ? 'Then the' : 'The'} metadata from before is registered as a table of its own, because the catalog cannot bring snapshots back. ${name} does not change, and both have the same files.`}
        </span>
      </li>
      <li>
        <IconFileText size={16} stroke={1.6} aria-hidden />
        <span>
          From <Mono>{metadataLocation}</Mono>
        </span>
      </li>
    </ul>
  )
}
