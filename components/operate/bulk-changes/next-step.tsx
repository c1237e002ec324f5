'use client'
import { TextInput } from '@mantine/core'
import { IconGitCommit, IconPlayerPlay } from '@tabler/icons-react'
import { useState } from 'react'
import { ActionFooter } from '@/components/ui/action-footer'
import { WaitingButton } from '@/components/ui/controls/waiting-button'
import { ProblemNote } from '@/components/ui/notes/problem-note'
import { bulkConfirmation } from '@/lib/changes/intents/bulk-change'
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
  const { verb, consequence } = textsFor(changes)
  const proposedCount = counts['ready-to-propose']
  const writeCount = countForStep(counts, 'write')
  const previewCount = countForStep(counts, 'preview')
  const pausedStep = findPausedStep(lastRun, step, counts)
  const canWrite = writeCount > 0 && pausedStep !== 'write'
  const needsTitle = canWrite && proposedCount > 0
  const confirmation = canWrite ? bulkConfirmation(changes, writeCount, on.catalog) : null
  const isComplete =
    (!needsTitle || PROPOSAL_TITLE.test(title.trim())) && (confirmation === null || typed.trim() === confirmation)
  const run = (request: BulkRunRequest) => start.mutate(request, { onSuccess: () => setTyped('') })
  const write = () =>
    run({
      step: 'write',
      ...(needsTitle && { proposal: { title: title.trim(), note: noteText(on) } }),
      ...(confirmation !== null && { confirmation }),
    })
  return (
    <ActionFooter problem={start.error && <RunProblem error={start.error} />} summary={summaryText(counts, pausedStep)}>
      {needsTitle && (
        <TextInput
          className={classes.field ?? ''}
          label="Title of the proposal"
          description={`${formatQuantity(proposedCount, 'table')} can only be proposed, as one proposal that another user commits.`}
          value={title}
          maxLength={200}
          autoComplete="off"
          onChange={({ currentTarget }) => setTitle(currentTarget.value)}
        />
      )}
      {confirmation !== null && (
        <ConfirmField text={confirmation} consequence={consequence} typed={typed} onType={setTyped} />
      )}
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
          {...(isDrop(changes) && { color: 'red' })}
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

/** The step of another user, who commits the proposal for all tables that are left in it. */
function ProposalsOfOther({ on, bulkChange: { counts, startedBy, changes } }: NextStepProps) {
  const start = useRunBulkChange(on)
  const [typed, setTyped] = useState('')
  const { consequence } = textsFor(changes)
  const confirmation = bulkConfirmation(changes, counts.proposed, on.catalog)
  return (
    <ActionFooter
      problem={start.error && <RunProblem error={start.error} />}
      summary={`${startedBy} proposed these changes. Each is committed as the list shows it, if the table is still as it was proposed and you may change it.`}
    >
      {confirmation !== null && (
        <ConfirmField text={confirmation} consequence={consequence} typed={typed} onType={setTyped} />
      )}
      <WaitingButton
        leftSection={<IconGitCommit size={15} stroke={1.6} aria-hidden />}
        {...(isDrop(changes) && { color: 'red' })}
        loading={start.isPending}
        disabled={confirmation !== null && typed.trim() !== confirmation}
        onClick={() => start.mutate({ step: 'commit-proposals', ...(confirmation !== null && { confirmation }) })}
      >
        Commit the proposal for {formatQuantity(counts.proposed, 'table')}
      </WaitingButton>
    </ActionFooter>
  )
}

type ConfirmFieldProps = { text: string; consequence: string; typed: string; onType: (typed: string) => void }

/** Names the number of the tables and their catalog, so that no other list is changed by habit. */
function ConfirmField({ text, consequence, typed, onType }: ConfirmFieldProps) {
  return (
    <TextInput
      className={classes.field ?? ''}
      label={
        <>
          Type <code>{text}</code> to confirm
        </>
      }
      description={consequence}
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
  if (counts.left > 0 && countForStep(counts, 'write') === 0)
    return 'Tables that the stopped run did not reach were not changed. Preview again to change them.'
  if (counts.proposed > 0)
    return `One proposal with ${formatQuantity(counts.proposed, 'table')} waits for another user, who finds it in the list of proposals and commits it on this page.`
  const total = Object.values(counts).reduce((sum, count) => sum + count, 0)
  if (total === counts.unchanged) return 'All tables are so already. No commit was made.'
  return countForStep(counts, 'write') > 0
    ? 'Each table is a separate commit. Tables that need two people become one proposal.'
    : ''
}

/** Leads from the part for one table to the page with all of them. */
function noteText({ catalog, bulkChangeId }: BulkChangeIdentifier): string {
  return `Part of the proposal of a change of many tables. All of it: ${window.location.origin}${paths.bulkChange(catalog, bulkChangeId)}`
}

function writeText(verb: string, changedCount: number, proposedCount: number): string {
  const change = `${verb} ${formatQuantity(changedCount, 'table')}`
  if (proposedCount === 0) return change
  return changedCount === 0
    ? `Propose for ${formatQuantity(proposedCount, 'table')}`
    : `${change}, propose for ${formatCount(proposedCount)}`
}
