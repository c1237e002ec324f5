'use client'
import { Button } from '@mantine/core'
import { IconGitBranch, IconPlayerPlay, IconStack2 } from '@tabler/icons-react'
import Link from 'next/link'
import type { CSSProperties } from 'react'
import { useSnapshotPanels } from '@/components/table/refs/use-snapshot-panels'
import { useShownTable } from '@/components/table/frame/shown-table'
import { useCanChange, useCanEdit } from '@/components/table/frame/use-can-change'
import { ProblemNote } from '@/components/ui/notes/problem-note'
import { WaitingButton } from '@/components/ui/controls/waiting-button'
import { VisibleText } from '@/components/ui/values/visible-text'
import { useStartChecks } from '@/lib/client/table/publications'
import { isOpen } from '@/lib/client/table/compression'
import type { Publication, Publications } from '@/lib/contract/table/publications'
import { formatCount, formatCountChange, formatQuantity } from '@/lib/format/count'
import { entryLabel } from '@/lib/names/identifiers'
import { snapshotPaths } from '@/lib/paths/snapshot-paths'
import { CheckLine } from './check-state'
import classes from './publication-card.module.css'
import { PICK_REFUSALS } from './describe-refusal'

const MAX_LINES = 5

type PublicationCardProps = {
  publication: Publication
  isEnabled: Publications['isEnabled']
  /** Colour of the branch's lane. */
  colour: string
  /** Where the card begins in the list. */
  leftPx: number
  onOpen: (step: 'cherry-pick' | 'publish' | 'results' | 'checks', of: string | null) => void
}

/**
 * Commits that readers of `main` do not see yet, below the newest of them: the results of the checks, and a button that
 * publishes the commits as soon as all checks pass.
 */
export function PublicationCard({ publication, isEnabled, colour, leftPx, onOpen }: PublicationCardProps) {
  const { table } = useShownTable()
  const { move, edit, step } = useSnapshotPanels().panel
  const hasPanelToCommit = move !== null || edit !== null || step !== null
  const { branch, wapId, snapshotId, aheadCount, behindCount, rows, run, refusal } = publication
  // Nothing is left to publish when main has its changes, and so nothing to check.
  const isMerged = refusal === 'diverged' && publication.nextPick === null
  const checks = isMerged ? [] : publication.checks
  const start = useStartChecks(table)
  const { isOffered: canRun } = useCanChange('table:write')
  const { isOffered: canPublish } = useCanEdit('table:maintain')
  const isRunning = isOpen(run)
  const title = branch ?? `staged as ${wapId}`
  const off = publishOff(publication, isRunning)
  const hiddenCount = checks.length - MAX_LINES
  return (
    <section
      className={classes.card}
      style={{ borderColor: colour, '--left': `${leftPx}px` } as CSSProperties}
      aria-label={`Publish ${title}`}
    >
      <header className={classes.head}>
        <strong className={classes.title} title={title}>
          {branch === null ? (
            <IconStack2 size={14} stroke={1.6} aria-hidden />
          ) : (
            <IconGitBranch size={14} stroke={1.6} aria-hidden />
          )}
          <VisibleText>{title}</VisibleText>
        </strong>
        <span className={classes.distance}>
          {aheadCount === null || behindCount === null
            ? 'not known how far ahead of main'
            : `${formatCount(aheadCount)} ahead of main, ${formatCount(behindCount)} behind`}
        </span>
        {rows.added !== null && rows.removed !== null && (
          <span className={classes.rows}>
            <span className="added">{formatCountChange(rows.added)}</span>
            {rows.removed > 0 && <span className="removed"> {formatCountChange(-rows.removed)}</span>} rows
          </span>
        )}
        {checks.length > 0 && (
          <span className={classes.badge} data-tone={badgeTone(checks)} role="status">
            {isRunning ? runningText(run) : checksText(checks)}
          </span>
        )}
        <span className={classes.buttons}>
          {canRun === true && checks.length > 0 && (
            <WaitingButton
              variant="subtle"
              size="compact-sm"
              loading={start.isPending || isRunning}
              disabled={!isEnabled}
              aria-label={`Run the checks on ${title}`}
              leftSection={<IconPlayerPlay size={14} stroke={1.6} aria-hidden />}
              onClick={() => start.mutate(snapshotId)}
            >
              Run
            </WaitingButton>
          )}
          {canPublish === true && (
            <Button
              variant={off === null && !hasPanelToCommit ? 'filled' : 'default'}
              size="compact-sm"
              disabled={off !== null}
              aria-label={`Publish ${title}…`}
              onClick={() => onOpen('publish', snapshotId)}
            >
              Publish…
            </Button>
          )}
        </span>
      </header>
      {checks.length > 0 && (
        <ul className={classes.checks} aria-label={`Checks of ${title}`}>
          {checks.slice(0, MAX_LINES).map((check) => (
            <li key={check.name}>
              <CheckLine check={check} />
            </li>
          ))}
        </ul>
      )}
      <p className={classes.foot}>
        <span>{off ?? (checks.length === 0 ? NO_CHECKS : 'Every check passed. Publishing fast-forwards main.')}</span>
        {checks.length > 0 && !isEnabled && <span>This server runs no queries, and so no checks.</span>}
        {refusal === 'diverged' && canPublish === true && <PickOffer publication={publication} onOpen={onOpen} />}
        {hasDetails(checks) && (
          <button type="button" className={classes.link} onClick={() => onOpen('results', snapshotId)}>
            {detailsText(checks)}
          </button>
        )}
        {hiddenCount > 0 && !hasDetails(checks) && (
          <button type="button" className={classes.link} onClick={() => onOpen('results', snapshotId)}>
            and {formatQuantity(hiddenCount, 'more check')}
          </button>
        )}
        {publication.checks.length === 0 && canRun === true && (
          <button type="button" className={classes.link} onClick={() => onOpen('checks', null)}>
            Add checks
          </button>
        )}
        {refusal !== 'no-main' && (
          <Link
            href={snapshotPaths.comparison(table, {
              before: { ref: 'main' },
              after: branch === null ? { snapshotId } : { ref: branch },
            })}
            prefetch={false}
          >
            Compare with main
          </Link>
        )}
      </p>
      {run?.state === 'failed' && run.error && !isRunning && (
        <p className={classes.failed}>The last run of the checks failed: {run.error.detail}</p>
      )}
      {start.error && (
        <ProblemNote error={start.error} subject={entryLabel(table)} unchanged="No checks were started." />
      )}
    </section>
  )
}

const NO_CHECKS = 'No checks yet: main would be fast-forwarded unchecked.'

/** Shown when `main` has moved on: the commit that can be picked onto it, or why none can. */
function PickOffer({ publication: { nextPick }, onOpen }: Pick<PublicationCardProps, 'publication' | 'onOpen'>) {
  if (nextPick === null) return <span>main has all its changes under other ids.</span>
  if (nextPick.refusal !== null)
    return (
      <span>
        Snapshot {nextPick.snapshotId} cannot be cherry-picked either: {PICK_REFUSALS[nextPick.refusal]}.
      </span>
    )
  return (
    <button type="button" className={classes.link} onClick={() => onOpen('cherry-pick', nextPick.snapshotId)}>
      Cherry-pick {nextPick.snapshotId}…
    </button>
  )
}

/** Why it cannot be published now, as a sentence; null: it can. */
function publishOff({ refusal, behindCount }: Publication, isRunning: boolean): string | null {
  if (refusal === 'no-main') return 'The table has no main yet, so there is nothing to fast-forward.'
  if (refusal === 'diverged')
    return `main has moved on by ${formatQuantity(behindCount ?? 0, 'snapshot')}, so it cannot be fast-forwarded here.`
  if (refusal === 'unknown')
    return 'Snapshots that connected it with main have expired, so it is not known which of its changes main has. Compare the two, and cherry-pick from the menu of a snapshot only what main does not have.'
  if (refusal === 'checks')
    return isRunning
      ? 'The checks run. Publishing waits until every check passes.'
      : 'Publishing fast-forwards main. It waits until every check passes on this snapshot.'
  return null
}

function badgeTone(checks: Publication['checks']): 'bad' | 'good' | 'quiet' {
  if (checks.some(({ state }) => state === 'failed' || state === 'not-run')) return 'bad'
  return checks.every(({ state }) => state === 'passed') ? 'good' : 'quiet'
}

function runningText(run: Publication['run']): string {
  if (run === null || run.state === 'queued' || run.progress === null) return 'checks wait for a worker'
  const { done, total } = run.progress
  return total === null ? 'checks run' : `check ${Math.min(done + 1, total)} of ${total} runs`
}

function checksText(checks: Publication['checks']): string {
  const countOf = (state: Publication['checks'][number]['state']) => checks.filter((one) => one.state === state).length
  const [failed, notRun, passed] = [countOf('failed'), countOf('not-run'), countOf('passed')]
  const total = formatQuantity(checks.length, 'check')
  if (failed > 0) return `${failed} of ${total} failed`
  if (notRun > 0) return `${notRun} of ${total} could not run`
  return passed === checks.length ? `${total} passed` : `${checks.length - passed} of ${total} to run`
}

function hasDetails(checks: Publication['checks']): boolean {
  return checks.some(({ state }) => state === 'failed' || state === 'not-run')
}

function detailsText(checks: Publication['checks']): string {
  const failed = checks.filter(({ state }) => state === 'failed')
  const [only] = failed
  if (failed.length === 1 && only?.rowCount !== null && only?.rowCount !== undefined && !only.isTruncated)
    return only.rowCount === 1 ? 'See the row' : `See the ${formatCount(only.rowCount)} rows`
  return failed.length === 0 ? 'See why' : 'See the rows'
}
