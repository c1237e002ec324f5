'use client'
import { Button, TextInput } from '@mantine/core'
import { IconArrowBackUp, IconGitCommit } from '@tabler/icons-react'
import Link from 'next/link'
import { useState } from 'react'
import { ProblemNote } from '@/components/ui/notes/problem-note'
import { WaitingButton } from '@/components/ui/controls/waiting-button'
import { type BulkChangeIdentifier, type BulkRunRequest, useRunBulkChange } from '@/lib/client/bulk-changes'
import { useCancelRun } from '@/lib/client/jobs/change-runs'
import type { getBulkChange } from '@/lib/contract/bulk-changes'
import type { Run } from '@/lib/contract/jobs'
import { PROPOSAL_TITLE } from '@/lib/contract/shapes/proposal-title'
import { formatCount, formatQuantity } from '@/lib/format/count'
import { paths } from '@/lib/paths/paths'
import type { z } from 'zod'
import { type BulkCounts, countForStep } from './bulk-states'
import classes from './bulk-change.module.css'

type BulkChange = z.output<typeof getBulkChange.output>

/** The next steps of the change, each with its button; while a run is open, *Stop*. */
export function BulkChangeFooter({ on, bulkChange }: { on: BulkChangeIdentifier; bulkChange: BulkChange }) {
  const { run, canRun } = bulkChange
  const isOpen = run?.finishedAtMs === null
  return (
    <footer className={classes.foot}>
      {isOpen ? (
        <OpenRun run={run} bulkChange={bulkChange} />
      ) : canRun ? (
        <NextSteps on={on} counts={bulkChange.counts} />
      ) : bulkChange.canCommitProposals ? (
        <ProposalsOfOther on={on} bulkChange={bulkChange} />
      ) : (
        <span className={classes.summary}>
          Only {bulkChange.startedBy}, who started this change, can continue or undo it.
        </span>
      )}
    </footer>
  )
}

function OpenRun({ run, bulkChange: { counts, step } }: { run: Run; bulkChange: BulkChange }) {
  const cancel = useCancelRun()
  const doneCount = step === 'undo' ? counts.undone : counts.changed + counts.proposed
  return (
    <>
      {cancel.error && (
        <div className={classes.wide}>
          <ProblemNote error={cancel.error} subject={run.title} unchanged="The run was not changed." />
        </div>
      )}
      <span className={classes.summary} role="status">
        The run goes on without this page. <Link href={paths.run(run.id)}>Its log</Link>
      </span>
      {run.canChange && (
        <WaitingButton
          variant="default"
          loading={cancel.isPending || run.isCancelRequested}
          onClick={() => cancel.mutate(run.id)}
        >
          {step === 'preview' || doneCount === 0 ? 'Stop' : `Stop, keep ${formatCount(doneCount)} done`}
        </WaitingButton>
      )}
    </>
  )
}

/** The step of another user: all proposals that are open. */
function ProposalsOfOther({ on, bulkChange }: { on: BulkChangeIdentifier; bulkChange: BulkChange }) {
  const start = useRunBulkChange(on)
  const { counts, startedBy } = bulkChange
  return (
    <>
      {start.error && (
        <div className={classes.wide}>
          <ProblemNote error={start.error} subject="The run" unchanged="Nothing was started." />
        </div>
      )}
      <span className={classes.summary} role="status">
        {startedBy} proposed these changes. Each is committed as the list shows it, if its values are still the same and
        you may change the table.
      </span>
      <WaitingButton
        leftSection={<IconGitCommit size={15} stroke={1.6} aria-hidden />}
        loading={start.isPending}
        onClick={() => start.mutate({ step: 'commit-proposals' })}
      >
        Commit {formatQuantity(counts.proposed, 'proposal')}
      </WaitingButton>
    </>
  )
}

function NextSteps({ on, counts }: { on: BulkChangeIdentifier; counts: BulkCounts }) {
  const start = useRunBulkChange(on)
  const [title, setTitle] = useState('')
  const [isUndoing, setUndoing] = useState(false)
  const proposedCount = counts['ready-to-propose']
  const writeCount = countForStep(counts, 'write')
  const undoCount = countForStep(counts, 'undo')
  const previewCount = countForStep(counts, 'preview')
  const isTitle = PROPOSAL_TITLE.test(title.trim())
  const run = (request: BulkRunRequest) => start.mutate(request, { onSuccess: () => setUndoing(false) })
  const write = () =>
    run({ step: 'write', ...(proposedCount > 0 && { proposal: { title: title.trim(), note: noteText(on) } }) })
  return (
    <>
      {start.error && (
        <div className={classes.wide}>
          <ProblemNote error={start.error} subject="The run" unchanged="Nothing was started." />
        </div>
      )}
      {isUndoing ? (
        <>
          <span className={classes.summary} role="status">
            {undoText(counts)}
          </span>
          <Button variant="default" data-autofocus onClick={() => setUndoing(false)}>
            Cancel
          </Button>
          <WaitingButton loading={start.isPending} onClick={() => run({ step: 'undo' })}>
            Undo {formatQuantity(undoCount, 'table')}
          </WaitingButton>
        </>
      ) : (
        <>
          <span className={classes.summary} role="status">
            {counts.proposed > 0 &&
              `${formatQuantity(counts.proposed, 'proposal')} can be committed together, by another user on this page. `}
            {writeCount === 0 && undoCount === 0 && previewCount === 0 && counts.undone === 0
              ? 'All tables have these values already. No commit was made.'
              : 'Each table is a separate commit, or a separate proposal.'}
          </span>
          {proposedCount > 0 && (
            <TextInput
              className={classes.title ?? ''}
              label="Title of the proposals"
              description={`${formatQuantity(proposedCount, 'table')} can only be proposed, for another user to commit.`}
              value={title}
              maxLength={200}
              autoComplete="off"
              onChange={({ currentTarget }) => setTitle(currentTarget.value)}
            />
          )}
          {previewCount > 0 && (
            <WaitingButton variant="default" loading={start.isPending} onClick={() => run({ step: 'preview' })}>
              Preview again
            </WaitingButton>
          )}
          {undoCount > 0 && (
            <Button
              variant="default"
              leftSection={<IconArrowBackUp size={15} stroke={1.6} aria-hidden />}
              onClick={() => setUndoing(true)}
            >
              Undo batch…
            </Button>
          )}
          {writeCount > 0 && (
            <WaitingButton
              leftSection={<IconGitCommit size={15} stroke={1.6} aria-hidden />}
              loading={start.isPending}
              disabled={proposedCount > 0 && !isTitle}
              onClick={write}
            >
              {writeText(writeCount - proposedCount, proposedCount)}
            </WaitingButton>
          )}
        </>
      )}
    </>
  )
}

/** Leads a reader of one proposal to the page with all of them. */
function noteText({ catalog, bulkChangeId }: BulkChangeIdentifier): string {
  return `One of the proposals of a change of many tables. All of them: ${window.location.origin}${paths.bulkChange(catalog, bulkChangeId)}`
}

function writeText(changedCount: number, proposedCount: number): string {
  const change = `Change ${formatQuantity(changedCount, 'table')}`
  if (proposedCount === 0) return change
  return changedCount === 0
    ? `Propose for ${formatQuantity(proposedCount, 'table')}`
    : `${change}, propose for ${formatCount(proposedCount)}`
}

function undoText(counts: BulkCounts): string {
  const others = counts.unchanged + counts.failed + counts.waiting + counts.ready + counts['ready-to-propose']
  return [
    `Tables get their earlier values back, a commit each, and open proposals are withdrawn.`,
    'A table whose values were changed since stays as it is, and the list says why.',
    ...(others > 0 ? [`There is nothing to undo in ${formatQuantity(others, 'other table', 'other tables')}.`] : []),
  ].join(' ')
}
