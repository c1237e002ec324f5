'use client'
import { Button } from '@mantine/core'
import { IconClockX } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import Link from 'next/link'
import { useShownTable } from '@/components/table/frame/shown-table'
import { useCanEdit } from '@/components/table/frame/use-can-change'
import { WaitingButton } from '@/components/ui/controls/waiting-button'
import { ProblemNote } from '@/components/ui/notes/problem-note'
import { ExactTime } from '@/components/ui/values/exact-time'
import { RelativeTime } from '@/components/ui/values/relative-time'
import { pendingExpiriesQuery, useCancelRemoval } from '@/lib/client/table/expiry'
import type { Expiry } from '@/lib/contract/table/expiry'
import { formatBytes } from '@/lib/format/bytes'
import { formatQuantity } from '@/lib/format/count'
import { paths } from '@/lib/paths/paths'
import classes from './pending-expiries.module.css'

const MAX_SHOWN = 3

/** Expiries whose files wait for their removal, each with *Cancel removal* and *Undo*. */
export function PendingExpiries({ onUndo }: { onUndo: (auditId: string) => void }) {
  const { table } = useShownTable()
  const { data: expiries = [] } = useQuery(pendingExpiriesQuery(table))
  const { isOffered: canUndo, proposeOnly } = useCanEdit('table:maintain')
  if (expiries.length === 0) return null
  return (
    <ul className={classes.list} aria-label="Expired lately">
      {expiries.slice(0, MAX_SHOWN).map((expiry) => (
        <PendingExpiry
          key={expiry.auditId}
          expiry={expiry}
          undoLabel={proposeOnly ? 'Propose undo…' : 'Undo…'}
          onUndo={canUndo === true ? onUndo : null}
        />
      ))}
      {expiries.length > MAX_SHOWN && (
        <li>
          <span>{formatQuantity(expiries.length - MAX_SHOWN, 'more expiry', 'more expiries')} under History.</span>
        </li>
      )}
    </ul>
  )
}

type PendingExpiryProps = { expiry: Expiry; undoLabel: string; onUndo: ((auditId: string) => void) | null }

function PendingExpiry({ expiry, undoLabel, onUndo }: PendingExpiryProps) {
  const { table } = useShownTable()
  const cancel = useCancelRemoval(table)
  const { auditId, atMs, actor, snapshotCount, removal, undoProblem } = expiry
  const isWaiting = removal?.state === 'queued'
  return (
    <li>
      <IconClockX size={15} stroke={1.6} aria-hidden />
      <span className={classes.text}>
        {formatQuantity(snapshotCount, 'snapshot')} expired <RelativeTime atMs={atMs} /> by {actor}.{' '}
        <FilesText expiry={expiry} /> {removal && <Link href={paths.run(removal.id)}>Job</Link>}
      </span>
      {isWaiting && removal.canChange && (
        <WaitingButton variant="default" loading={cancel.isPending} onClick={() => cancel.mutate(removal.id)}>
          Cancel removal
        </WaitingButton>
      )}
      {onUndo !== null && (
        <Button variant="subtle" onClick={() => onUndo(auditId)}>
          {undoProblem === null ? undoLabel : 'Why no undo…'}
        </Button>
      )}
      {cancel.error && <ProblemNote error={cancel.error} subject="The removal" />}
    </li>
  )
}

function FilesText({ expiry: { removal, fileCount, sizeBytes } }: { expiry: Expiry }) {
  const files =
    fileCount === null || sizeBytes === null
      ? 'Its files'
      : `${formatQuantity(fileCount, 'file')} (${formatBytes(sizeBytes)})`
  const isOne = fileCount === 1
  if (removal === null || removal.state === 'cancelled') return <>{`${files} ${isOne ? 'stays' : 'stay'}.`}</>
  if (removal.state === 'queued' && removal.scheduledForMs !== null) {
    return (
      <>
        {files} will be removed on <ExactTime atMs={removal.scheduledForMs} />.
      </>
    )
  }
  if (removal.state === 'running') return <>{`${files} ${isOne ? 'is' : 'are'} being removed.`}</>
  return <>{removal.state === 'failed' ? `The removal of ${files.toLowerCase()} failed.` : 'No file was removed.'}</>
}
