'use client'
import { TextInput } from '@mantine/core'
import { IconArrowBackUp, IconClockX, IconFileText } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { Unloaded } from '@/components/shell/unloaded'
import { CommitFooter, type NewProposal } from '@/components/changes/commit-footer'
import { useShownTable } from '@/components/table/frame/shown-table'
import { WarningNote } from '@/components/ui/notes/warning-note'
import { SidePanel } from '@/components/ui/side-panel'
import { Mono } from '@/components/ui/values/mono'
import { expiryUndoQuery, useUndoExpiry } from '@/lib/client/table/expiry'
import type { ExpiryUndoPreview } from '@/lib/contract/table/expiry'
import { formatQuantity } from '@/lib/format/count'
import { namespaceLabel } from '@/lib/names/identifiers'
import impactClasses from '../impact/impact-review.module.css'
import classes from './expiry-panel.module.css'

type ExpiryUndoPanelProps = {
  auditId: string
  onClose: () => void
  onDone: (done: { auditId: string; message: string } | { proposal: NewProposal }) => void
}

/** Brings the snapshots of an expiry back, or proposes that, or says why it is no longer possible. */
export function ExpiryUndoPanel({ auditId, onClose, onDone }: ExpiryUndoPanelProps) {
  const { table } = useShownTable()
  const undo = useUndoExpiry(table)
  const preview = useQuery({ ...expiryUndoQuery(table, auditId), enabled: !undo.isPending && !undo.isSuccess })
  const [newName, setNewName] = useState(`${table.table}_before_expiry`)
  const name = `${namespaceLabel(table.namespace)}.${table.table}`
  const { data } = preview
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
            message: needsName ? `${done.table} has the snapshots from before.` : 'Undone: the snapshots are back.',
          }),
      },
    )
  return (
    <SidePanel
      title="Undo: Expire snapshots"
      subtitle="Nothing has changed yet"
      width={428}
      onClose={onClose}
      takesFocus
      footer={
        isPossible && (
          <CommitFooter
            table={table}
            proposed={{ kind: 'undo-expiry', auditId, newName: needsName ? requestedName : null }}
            permission="table:maintain"
            action={needsName ? 'Register the table' : 'Undo'}
            fits={!needsName || requestedName !== ''}
            needsConfirmation={false}
            isPending={undo.isPending}
            error={undo.error}
            onClose={onClose}
            onCommit={confirm}
            onProposed={(proposal) => onDone({ proposal })}
          />
        )
      }
    >
      <div className={classes.body}>
        <Unloaded
          query={preview}
          subject={name}
          back={{ label: 'Back', onBack: onClose }}
          skeleton={[4, 2, 'Preparing the undo']}
        />
        {data && data.problem !== null && <WarningNote>It cannot be undone. {data.problem}</WarningNote>}
        {data && data.problem === null && <UndoSentences preview={data} name={name} />}
        {data?.requiredBy && data.problem === null && (
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
      </div>
    </SidePanel>
  )
}

/** The effect of the undo, in the panel and on the page of its proposal. */
export function UndoSentences({ preview, name }: { preview: ExpiryUndoPreview; name: string }) {
  const { method: way, snapshotCount, removal, metadataLocation } = preview
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
          {way === 'restore'
            ? `${isPending ? 'Then ' : ''}${name} gets ${formatQuantity(snapshotCount, 'snapshot')} back, with the branches and tags of then, as a new version. It is rejected if a commit comes in between.`
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
