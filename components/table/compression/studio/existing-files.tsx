'use client'
import { IconFileArrowRight } from '@tabler/icons-react'
import { Button } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import Link from 'next/link'
import { parseAsBoolean, useQueryState } from 'nuqs'
import { useEffect, useRef, useState } from 'react'
import type { NewProposal } from '@/components/changes/commit/propose-form'
import { ProposedNotice } from '@/components/changes/commit/proposed-notice'
import { TableSidePanel, useShownTable } from '@/components/table/frame/shown-table'
import { lazyComponent } from '@/components/ui/controls/lazy-component'
import { ProblemNote } from '@/components/ui/notes/problem-note'
import { Panel } from '@/components/ui/panel'
import { RelativeTime } from '@/components/ui/values/relative-time'
import { retryFetch } from '@/lib/client/call/retry'
import { isOpen } from '@/lib/client/table/compression'
import { rewriteQuery, useRefreshTable } from '@/lib/client/table/rewrites'
import type { Run } from '@/lib/contract/jobs'
import { AppError } from '@/lib/errors'
import { formatBytes } from '@/lib/format/bytes'
import { formatQuantity } from '@/lib/format/count'
import { paths } from '@/lib/paths/paths'
import classes from './existing-files.module.css'
import { RunLine } from './run-line'

const LazyRewritePanel = lazyComponent(async () => (await import('./rewrite-panel')).RewritePanel)

type ExistingFilesProps = { canChange: boolean; hasPendingChanges: boolean }

/** Settings apply to new files. Here the existing ones are brought to them, by a job. */
export function ExistingFiles({ canChange, hasPendingChanges }: ExistingFilesProps) {
  const { table } = useShownTable()
  const [isPanelOpen, setPanelOpen] = useQueryState('rewrite', parseAsBoolean)
  const [proposal, setProposal] = useState<NewProposal | null>(null)
  const rewrite = useQuery(rewriteQuery(table))
  const run = rewrite.data?.run ?? null
  const refresh = useRefreshTable(table)
  const wasOpen = useRef(false)
  useEffect(() => {
    if (run === null) return
    if (wasOpen.current && !isOpen(run)) refresh()
    wasOpen.current = isOpen(run)
  }, [run, refresh])
  return (
    <Panel
      title="Existing files"
      actions={
        canChange && (
          <Button
            variant="default"
            disabled={isOpen(run)}
            leftSection={<IconFileArrowRight size={15} stroke={1.6} aria-hidden />}
            onClick={() => void setPanelOpen(true)}
          >
            Rewrite now…
          </Button>
        )
      }
    >
      <div className="stack gap-10">
        {proposal && (
          // The page may be scrolled to anywhere when its side panel closes.
          <div ref={(notice) => notice?.scrollIntoView?.({ block: 'nearest' })}>
            <ProposedNotice entry={table} proposal={proposal} onDismiss={() => setProposal(null)} />
          </div>
        )}
        {rewrite.error && <ProblemNote error={rewrite.error} onRetry={() => retryFetch(rewrite.refetch)} />}
        {run !== null && isOpen(run) ? (
          <RunLine run={run} />
        ) : (
          <p className={classes.quiet}>
            Settings apply to new files. A rewrite applies them to existing files, with the same rows.{' '}
            {run !== null && <LastRun run={run} />}
          </p>
        )}
        {run?.state === 'failed' && (
          <ProblemNote
            error={new AppError(run.error?.code ?? 'internal', run.error?.detail ?? 'The rewrite failed.')}
          />
        )}
      </div>
      {isPanelOpen === true && canChange && (
        <TableSidePanel>
          <LazyRewritePanel
            hasPendingChanges={hasPendingChanges}
            onClose={() => void setPanelOpen(null)}
            onProposed={(one) => {
              setProposal(one)
              void setPanelOpen(null)
            }}
          />
        </TableSidePanel>
      )}
    </Panel>
  )
}

function LastRun({ run: { id, state, outcome, finishedAtMs } }: { run: Run }) {
  const { filesRewritten = 0, bytesBefore = 0, bytesAfter = 0, filesSkipped = 0, filesRemaining = 0 } = outcome ?? {}
  const numbers = [filesRewritten, bytesBefore, bytesAfter, filesSkipped, filesRemaining].map(Number)
  const [files = 0, before = 0, after = 0, skipped = 0, forAnotherRun = 0] = numbers
  const texts = [
    files > 0
      ? `${formatQuantity(files, 'file')} rewritten, ${formatBytes(before)} are now ${formatBytes(after)}`
      : 'no file had to be rewritten',
    ...(skipped > 0 ? [`${formatQuantity(skipped, 'file')} left out`] : []),
    ...(forAnotherRun > 0 ? [`${formatQuantity(forAnotherRun, 'file')} for another run`] : []),
  ]
  return (
    <>
      <Link href={paths.run(id)} prefetch={false}>
        Last run
      </Link>
      {finishedAtMs !== null && (
        <>
          , <RelativeTime atMs={finishedAtMs} />
        </>
      )}
      : {state === 'succeeded' ? texts.join('; ') : state}.
    </>
  )
}
