'use client'
import { TextInput } from '@mantine/core'
import { IconGitCommit, IconPlayerPlay } from '@tabler/icons-react'
import { useState } from 'react'
import { ActionFooter } from '@/components/ui/action-footer'
import { WaitingButton } from '@/components/ui/controls/waiting-button'
import { ProblemNote } from '@/components/ui/notes/problem-note'
import { dropConfirmation } from '@/lib/changes/intents/bulk-change'
import { type BulkChangeIdentifier, type BulkRunRequest, useRunBulkChange } from '@/lib/client/bulk-changes'
import type { BulkStep, getBulkChange } from '@/lib/contract/bulk-changes'
import { PROPOSAL_TITLE } from '@/lib/contract/shapes/proposal-title'
import { formatCount, formatQuantity } from '@/lib/format/count'
import { paths } from '@/lib/paths/paths'
import type { z } from 'zod'
import { type BulkCounts, countForStep, countLeft, findPausedStep } from './bulk-states'
import { isDrop, textsFor } from './bulk-texts'
import classes from './bulk-change.module.css'

export type BulkChangeDetail = z.output<typeof getBulkChange.output>
type NextStepProps = { on: BulkChangeIdentifier; bulkChange: BulkChangeDetail }

/** The next step of a change whose run has ended: continuing, writing what a preview showed, or committing proposals. */
export function NextStep({ on, bulkChange }: NextStepProps) {
  if (bulkChange.canRun) return <OwnSteps on={on} bulkChange={bulkChange} />
  if (bulkChange.canCommitProposals) return <ProposalsOfOther on={on} bulkChange={bulkChange} />
  return <ActionFooter summary={`Only ${bulkChange.startedBy}, who started this change, can continue or undo it.`} />
}

function OwnSteps({ on, bulkChange: { counts, changes, run: lastRun, step } }: NextStepProps) {
  const start = useRunBulkChange(on)
  const [title, setTitle] = useState('')
  const [typed, setTyped] = useState('')
  const { verb } = textsFor(changes)
  const proposedCount = counts['ready-to-propose']
  const writeCount = countForStep(counts, 'write')
  const previewCount = countForStep(counts, 'preview')
  const pausedStep = findPausedStep(lastRun, step, counts)
  const canWrite = writeCount > 0 && pausedStep !== 'write'
  const needsTitle = canWrite && proposedCount > 0
  const confirmation = canWrite && isDrop(changes) ? dropConfirmation(writeCount, on.catalog) : null
  const isComplete =
    (!needsTitle || PROPOSAL_TITLE.test(title.trim())) && (confirmation === null || typed.trim() === confirmation)
  const run = (request: BulkRunRequest) => start.mutate(request, { onSuccess: () => setTyped('') })
  const write = () =>
    run({
      step: 'write',
      ...(needsTitle && { proposal: { title: title.trim(), note: noteText(on) } }),
      ...(confirmation !== null && { confirmedDrop: confirmation }),
    })
  return (
    <ActionFooter problem={start.error && <RunProblem error={start.error} />} summary={summaryText(counts, pausedStep)}>
      {needsTitle && (
        <TextInput
          className={classes.field ?? ''}
          label="Title of the proposals"
          description={`${formatQuantity(proposedCount, 'table')} can only be proposed, for another user to commit.`}
          value={title}
          maxLength={200}
          autoComplete="off"
          onChange={({ currentTarget }) => setTitle(currentTarget.value)}
        />
      )}
      {confirmation !== null && <ConfirmField text={confirmation} typed={typed} onType={setTyped} />}
      {previewCount > 0 && pausedStep !== 'preview' && (
        <WaitingButton variant="default" loading={start.isPending} onClick={() => run({ step: 'preview' })}>
          Preview again
        </WaitingButton>
      )}
      {pausedStep !== null && (
        <WaitingButton
          variant={canWrite ? 'default' : 'filled'}
          leftSection={<IconPlayerPlay size={15} stroke={1.6} aria-hidden />}
          loading={start.isPending}
          onClick={() => run({ step: pausedStep, isContinued: true })}
        >
          Continue with {formatQuantity(countLeft(counts, pausedStep), 'table')}
        </WaitingButton>
      )}
      {canWrite && (
        <WaitingButton
          leftSection={<IconGitCommit size={15} stroke={1.6} aria-hidden />}
          {...(confirmation !== null && { color: 'red' })}
          loading={start.isPending}
          disabled={!isComplete}
          onClick={write}
        >
          {writeText(verb, writeCount - proposedCount, proposedCount)}
        </WaitingButton>
      )}
    </ActionFooter>
  )
}

/** The step of another user: all proposals that are open. */
function ProposalsOfOther({ on, bulkChange: { counts, startedBy, changes } }: NextStepProps) {
  const start = useRunBulkChange(on)
  const [typed, setTyped] = useState('')
  const confirmation = isDrop(changes) ? dropConfirmation(counts.proposed, on.catalog) : null
  return (
    <ActionFooter
      problem={start.error && <RunProblem error={start.error} />}
      summary={`${startedBy} proposed these changes. Each is committed as the list shows it, if the table is still as it was proposed and you may change it.`}
    >
      {confirmation !== null && <ConfirmField text={confirmation} typed={typed} onType={setTyped} />}
      <WaitingButton
        leftSection={<IconGitCommit size={15} stroke={1.6} aria-hidden />}
        {...(confirmation !== null && { color: 'red' })}
        loading={start.isPending}
        disabled={confirmation !== null && typed.trim() !== confirmation}
        onClick={() =>
          start.mutate({ step: 'commit-proposals', ...(confirmation !== null && { confirmedDrop: confirmation }) })
        }
      >
        Commit {formatQuantity(counts.proposed, 'proposal')}
      </WaitingButton>
    </ActionFooter>
  )
}

/** Names the number of the tables and their catalog, so that no other list is dropped by habit. */
function ConfirmField({ text, typed, onType }: { text: string; typed: string; onType: (typed: string) => void }) {
  return (
    <TextInput
      className={classes.field ?? ''}
      label={
        <>
          Type <code>{text}</code> to confirm
        </>
      }
      description="No file is removed. The catalog can restore the tables; grants on them end with the drop."
      value={typed}
      autoComplete="off"
      spellCheck={false}
      onChange={({ currentTarget }) => onType(currentTarget.value)}
    />
  )
}

export function RunProblem({ error }: { error: Error }) {
  return <ProblemNote error={error} subject="The run" unchanged="Nothing was started." />
}

function summaryText(counts: BulkCounts, pausedStep: BulkStep | null): string {
  if (pausedStep !== null) return 'Tables that were reached keep their results. The others are as they were.'
  if (counts.proposed > 0)
    return `${formatQuantity(counts.proposed, 'proposal')} can be committed together, by another user on this page.`
  const total = Object.values(counts).reduce((sum, count) => sum + count, 0)
  if (total === counts.unchanged) return 'All tables are so already. No commit was made.'
  return countForStep(counts, 'write') > 0 ? 'Each table is a separate commit, or a separate proposal.' : ''
}

/** Leads a reader of one proposal to the page with all of them. */
function noteText({ catalog, bulkChangeId }: BulkChangeIdentifier): string {
  return `One of the proposals of a change of many tables. All of them: ${window.location.origin}${paths.bulkChange(catalog, bulkChangeId)}`
}

function writeText(verb: string, changedCount: number, proposedCount: number): string {
  const change = `${verb} ${formatQuantity(changedCount, 'table')}`
  if (proposedCount === 0) return change
  return changedCount === 0
    ? `Propose for ${formatQuantity(proposedCount, 'table')}`
    : `${change}, propose for ${formatCount(proposedCount)}`
}
