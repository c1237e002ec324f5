'use client'
import {
  IconArrowBackUp,
  IconGitBranch,
  IconGitCommit,
  IconKey,
  IconShieldCheck,
  type TablerIcon,
} from '@tabler/icons-react'
import { type UseQueryResult, useQuery } from '@tanstack/react-query'
import Link from 'next/link'
import type { ReactNode } from 'react'
import { Unloaded } from '@/components/shell/unloaded'
import { EmptyState } from '@/components/ui/notes/empty-state'
import { Panel } from '@/components/ui/panel'
import { DataTable } from '@/components/ui/table/data-table'
import { Count } from '@/components/ui/values/count'
import { Mono } from '@/components/ui/values/mono'
import { UPPER_BOUND_REASON } from '@/components/ui/values/row-count'
import { Unknown } from '@/components/ui/values/unknown'
import type { PastLoad } from '@/lib/client/jobs/past-load'
import { tableTipQuery } from '@/lib/client/table/tables'
import type { AddedFiles } from '@/lib/contract/table/added-files'
import { AppError } from '@/lib/errors'
import { MAIN_BRANCH } from '@/lib/iceberg/metadata/main-branch'
import { formatCount, formatQuantity } from '@/lib/format/count'
import { snapshotPaths } from '@/lib/paths/snapshot-paths'
import { useLoadBranch } from '../landing/use-load-branch'
import { findUndo } from './find-undo'
import { toLoadCounts } from './load-progress'
import { ofCommit, ofRunning, type SnapshotFigure, figureText } from './snapshot-figures'
import { isOutcomeUnknown, type TableLoad } from './table-load'
import classes from './load-run.module.css'

const TITLE = 'The snapshot it makes'

type LoadedSnapshotProps = {
  run: TableLoad
  past: PastLoad | undefined
  snapshotId: string | null
  added: UseQueryResult<AddedFiles>
}

/** Rows, files and bytes of the branch before and after the load, and how to undo it. */
export function LoadedSnapshot({ run, past, snapshotId, added }: LoadedSnapshotProps) {
  if (snapshotId === null) {
    if (run.finishedAtMs === null) return <SnapshotSoFar run={run} past={past} />
    return (
      <Panel title={TITLE}>
        <EmptyState>
          {run.error?.code === 'commit-state-unknown'
            ? 'It is not known whether the snapshot was committed.'
            : 'Nothing was committed: the table has no snapshot of this load.'}
        </EmptyState>
      </Panel>
    )
  }
  if (added.data !== undefined)
    return <Committed run={run} commit={added.data} branch={past?.landing.branch ?? 'main'} />
  return (
    <Panel title={TITLE}>
      {added.error instanceof AppError && added.error.code === 'not-found' ? (
        <EmptyState>The table no longer has the snapshot {snapshotId} of this load.</EmptyState>
      ) : (
        <Unloaded query={added} subject="The snapshot" skeleton={[4, 4, 'Reading the snapshot']} />
      )}
    </Panel>
  )
}

function SnapshotSoFar({ run, past }: Pick<LoadedSnapshotProps, 'run' | 'past'>) {
  const main = useQuery(tableTipQuery(run.table))
  const { name, kind, figures } = useLoadBranch(run.table, past?.landing.branch ?? null, main.data?.figures ?? null)
  // The load creates a table that does not exist yet.
  const isNew = kind === 'main' && main.error instanceof AppError && main.error.code === 'not-found'
  const operation = past?.landing.operation ?? null
  return (
    <Panel title={TITLE} subtitle={isOutcomeUnknown(run) ? 'perhaps it is committed' : 'nothing is committed yet'}>
      <Figures
        headers={[isNew || kind === 'new' ? 'Before' : `${name} now`, 'Adds so far', 'Then']}
        figures={ofRunning(run, { now: isNew ? 'none' : figures, operation })}
      />
      <Sentences
        facts={[
          [IconGitCommit, `The rows become one snapshot of ${name}, or nothing is changed.`],
          ...(operation === 'append' && !isOutcomeUnknown(run)
            ? ([
                [
                  IconShieldCheck,
                  `If ${name} moves on, the load is added to its new tip. Its files are not written again.`,
                ],
              ] as const)
            : []),
        ]}
      />
    </Panel>
  )
}

function Committed({ run, commit, branch }: { run: TableLoad; commit: AddedFiles; branch: string }) {
  const { snapshotId, operation, sequenceNumber, newerCount } = commit
  const undo = findUndo(commit, branch)
  const isPublished = branch !== MAIN_BRANCH && undo?.branch === MAIN_BRANCH
  return (
    <Panel title={TITLE} subtitle={`committed to ${branch}`}>
      <Figures headers={['Before', 'The load', 'After']} figures={ofCommit(commit, toLoadCounts(run).rowsAccepted)} />
      <Sentences
        facts={[
          [
            IconGitCommit,
            <>
              <b>{operation}</b>, snapshot{' '}
              <Link href={snapshotPaths.opened(run.table, snapshotId)}>
                <Mono>{snapshotId}</Mono>
              </Link>
              , sequence number {formatCount(sequenceNumber)}
            </>,
          ],
          ...keyTexts(run).map((text) => [IconKey, text] as const),
          ...(isPublished
            ? ([
                [
                  IconGitBranch,
                  <>
                    Published: {MAIN_BRANCH} has its rows
                    {undo.snapshotId !== snapshotId && (
                      <>
                        {' '}
                        as snapshot{' '}
                        <Link href={snapshotPaths.opened(run.table, undo.snapshotId)}>
                          <Mono>{undo.snapshotId}</Mono>
                        </Link>
                      </>
                    )}
                    {undo.newerCount > 0 && `, and ${formatQuantity(undo.newerCount, 'newer commit')}`}.
                  </>,
                ],
              ] as const)
            : ([[IconShieldCheck, branchText(newerCount, branch)]] as const)),
          ...(newerCount !== null && branch !== MAIN_BRANCH && !isPublished
            ? ([
                [
                  IconGitBranch,
                  <>
                    Readers of {MAIN_BRANCH} do not see it.{' '}
                    <Link href={snapshotPaths.opened(run.table, snapshotId)}>Check and publish {branch}</Link>
                  </>,
                ],
              ] as const)
            : []),
          ...(undo !== null && undo.parentSnapshotId !== null
            ? ([
                [
                  IconArrowBackUp,
                  <>
                    Undo is a roll back of {undo.branch} to <Mono>{undo.parentSnapshotId}</Mono>
                    {undo.newerCount > 0 &&
                      `, which also takes back ${formatQuantity(undo.newerCount, 'newer commit')}`}
                    .{isPublished && newerCount !== null && ` ${branch} still has the rows then.`}
                  </>,
                ],
              ] as const)
            : []),
        ]}
      />
    </Panel>
  )
}

/** How an upsert found the rows of its input, in the words of the command line. */
function keyTexts({ outcome }: TableLoad): string[] {
  const countOf = (name: string) => (typeof outcome?.[name] === 'number' ? outcome[name] : null)
  const [updated, inserted, superseded] = [countOf('rowsUpdated'), countOf('rowsInserted'), countOf('rowsSuperseded')]
  if (updated === null || inserted === null) return []
  return [
    `${formatQuantity(updated, 'row')} updated, ${formatQuantity(inserted, 'row')} inserted.`,
    ...(superseded ? [`${formatQuantity(superseded, 'row')} superseded by a later row of the input.`] : []),
  ]
}

function branchText(newerCount: number | null, branch: string): string {
  if (newerCount === null) return `${branch} no longer has this snapshot: it was rolled back or replaced.`
  return newerCount === 0
    ? `It is the newest snapshot of ${branch}.`
    : `${branch} has ${formatQuantity(newerCount, 'newer commit')}.`
}

function Figures({
  headers: [before, added, after],
  figures,
}: {
  headers: readonly [string, string, string]
  figures: readonly SnapshotFigure[]
}) {
  return (
    <DataTable
      label={TITLE}
      columns={[
        { id: 'label', header: 'Table', cell: ({ label }) => label },
        { id: 'before', header: before, align: 'end', cell: (figure) => <Value figure={figure} name="before" /> },
        { id: 'added', header: added, align: 'end', cell: (figure) => <Change figure={figure} /> },
        {
          id: 'after',
          header: after,
          align: 'end',
          weight: 'figure',
          cell: (figure) => <Value figure={figure} name="after" />,
        },
      ]}
      rows={figures}
      rowKey={({ label }) => label}
    />
  )
}

function Value({ figure, name }: { figure: SnapshotFigure; name: 'before' | 'after' }) {
  const value = figure[name]
  if (figure.mostOf.includes(name))
    return <Count value={value} reason={figure.reason} mostReason={UPPER_BOUND_REASON} />
  return value === null ? <Unknown reason={figure.reason} /> : figureText(figure, value)
}

function Change({ figure }: { figure: SnapshotFigure }) {
  const { added, removed } = figure
  if (added === null && removed === null) return <Unknown reason={figure.reason} />
  return (
    <>
      {added !== null && <span className={added > 0n ? 'added' : 'quiet'}>+{figureText(figure, added)}</span>}
      {removed !== null && removed > 0n && <span className="removed"> −{figureText(figure, removed)}</span>}
    </>
  )
}

function Sentences({ facts }: { facts: readonly (readonly [TablerIcon, ReactNode])[] }) {
  return (
    <ul className={classes.facts}>
      {facts.map(([Icon, text], index) => (
        // The facts of one state always have the same order, so the index is the key.
        <li key={index}>
          <Icon size={14} stroke={1.6} aria-hidden />
          <span>{text}</span>
        </li>
      ))}
    </ul>
  )
}
