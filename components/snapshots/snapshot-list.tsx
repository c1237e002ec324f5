'use client'
import { Button } from '@mantine/core'
import { IconArrowBackUp, IconGitBranch, IconTag } from '@tabler/icons-react'
import { useInfiniteQuery } from '@tanstack/react-query'
import { useMemo, useState } from 'react'
import { CommitDone } from '@/components/changes/commit-done'
import { BesideTable, useShownTable } from '@/components/tables/shown-table'
import { useChooseAsOf } from '@/components/tables/use-as-of'
import { type Column, DataTable } from '@/components/ui/data-table'
import { EmptyState } from '@/components/ui/empty-state'
import { PageFooter } from '@/components/ui/page-footer'
import { ProblemNote } from '@/components/ui/problem-note'
import { RelativeTime } from '@/components/ui/relative-time'
import { SkeletonRows } from '@/components/ui/skeleton-rows'
import { WaitingButton } from '@/components/ui/waiting-button'
import { useMayChange } from '@/components/tables/use-may-change'
import { snapshotsQuery } from '@/lib/client/snapshots'
import type { Snapshot } from '@/lib/contract/snapshots'
import { counted } from '@/lib/format/count'
import { namespaceLabel } from '@/lib/iceberg/identifiers'
import { retryFetch } from '@/lib/client/retry'
import { ByteChange, CountChange } from './change-figure'
import { Operation } from './operation'
import { RollbackPanel } from './rollback-panel'
import { ROW_HEIGHT, SnapshotGraph } from './snapshot-graph'
import { SnapshotDetail } from './snapshot-detail'
import classes from './snapshot-list.module.css'
import { LANE_WIDTH, snapshotLanes } from './snapshot-lanes'

type Beside = { kind: 'detail' | 'rollback'; snapshotId: string } | null

/** Every snapshot the table still has, newest first, with its place in the graph; details and roll back beside it. */
export function SnapshotList() {
  const { table, detail } = useShownTable()
  const query = useInfiniteQuery(snapshotsQuery(table))
  const [beside, setBeside] = useState<Beside>(null)
  const [doneAuditId, setDoneAuditId] = useState<string | null>(null)
  const name = `${namespaceLabel(table.namespace)}.${table.table}`

  if (query.isPending) return <SkeletonRows rows={12} columns={5} label="Reading snapshots" />
  if (query.error) {
    return (
      <div className={classes.problem}>
        <ProblemNote error={query.error} what={name} onRetry={() => retryFetch(query.refetch)} />
      </div>
    )
  }
  const { snapshots, mainSnapshotId, totalCount } = query.data
  if (totalCount === 0)
    return (
      <EmptyState>
        Nothing was committed to this table yet. Load data with <code>npm run lakeshore -- ingest</code>.
      </EmptyState>
    )
  const chosen = snapshots.find(({ snapshotId }) => snapshotId === beside?.snapshotId)
  return (
    <>
      <SnapshotTable
        snapshots={snapshots}
        mainSnapshotId={mainSnapshotId}
        shownSnapshotId={chosen?.snapshotId ?? (detail.shown.isNow ? null : detail.shown.snapshotId)}
        onOpen={(snapshotId) => setBeside({ kind: 'detail', snapshotId })}
        onRollBack={(snapshotId) => setBeside({ kind: 'rollback', snapshotId })}
        hasPanel={chosen !== undefined}
      />
      {doneAuditId !== null && (
        <CommitDone key={doneAuditId} table={table} auditId={doneAuditId} onGone={() => setDoneAuditId(null)}>
          main was rolled back.
        </CommitDone>
      )}
      <PageFooter>
        <span>{counted(totalCount, 'snapshot')}</span>
        {query.hasNextPage && (
          <WaitingButton variant="subtle" loading={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
            Read older ones
          </WaitingButton>
        )}
      </PageFooter>
      {chosen && (
        <BesideTable>
          {beside?.kind === 'rollback' ? (
            <RollbackPanel
              key={chosen.snapshotId}
              table={table}
              toSnapshotId={chosen.snapshotId}
              onClose={() => setBeside(null)}
              onDone={(auditId) => {
                setBeside(null)
                setDoneAuditId(auditId)
              }}
            />
          ) : (
            <SnapshotDetail
              snapshot={chosen}
              isTip={chosen.snapshotId === mainSnapshotId}
              onRollBack={() => setBeside({ kind: 'rollback', snapshotId: chosen.snapshotId })}
              onClose={() => setBeside(null)}
            />
          )}
        </BesideTable>
      )}
    </>
  )
}

type SnapshotTableProps = {
  snapshots: readonly Snapshot[]
  mainSnapshotId: string | null
  shownSnapshotId: string | null
  onOpen: (snapshotId: string) => void
  onRollBack: (snapshotId: string) => void
  /** The panel beside has the actions then, and takes their room. */
  hasPanel: boolean
}

function SnapshotTable(props: SnapshotTableProps) {
  const { snapshots, mainSnapshotId, shownSnapshotId, onOpen, onRollBack, hasPanel } = props
  const choose = useChooseAsOf()
  const { isOffered: mayRollBack } = useMayChange('table:maintain')
  const lanes = useMemo(() => snapshotLanes(snapshots), [snapshots])
  const laneCount = Math.max(...[...lanes.values()].map(({ index }) => index)) + 1
  const columns: Column<Snapshot>[] = [
    {
      id: 'graph',
      header: 'Graph',
      tableOnly: true,
      width: Math.max(laneCount * LANE_WIDTH + 38, 70),
      cell: ({ snapshotId }) => {
        const lane = lanes.get(snapshotId)
        return lane && <SnapshotGraph lane={lane} laneCount={laneCount} />
      },
    },
    { id: 'snapshot', header: 'Snapshot', cell: (row) => <SnapshotName snapshot={row} /> },
    { id: 'operation', header: 'Operation', cell: (row) => <Operation operation={row.operation} /> },
    { id: 'rows', header: 'Rows', align: 'end', cell: ({ rows }) => <CountChange change={rows} /> },
    { id: 'files', header: 'Files', align: 'end', cell: ({ files }) => <CountChange change={files} /> },
    { id: 'bytes', header: 'Bytes', align: 'end', cell: ({ bytes }) => <ByteChange change={bytes} /> },
    {
      id: 'actions',
      header: '',
      align: 'end',
      width: 170,
      cell: ({ snapshotId, isOnMain }) => (
        <span className={classes.actions}>
          <Button variant="subtle" onClick={() => choose({ snapshotId })}>
            Look
          </Button>
          {mayRollBack && isOnMain && snapshotId !== mainSnapshotId && (
            <Button
              variant="subtle"
              aria-label={`Roll back to ${snapshotId}`}
              leftSection={<IconArrowBackUp size={14} stroke={1.6} aria-hidden />}
              onClick={() => onRollBack(snapshotId)}
            >
              Roll back
            </Button>
          )}
        </span>
      ),
    },
  ]
  return (
    <DataTable
      label="Snapshots"
      columns={hasPanel ? columns.filter(({ id }) => id !== 'actions') : columns}
      rows={snapshots}
      rowKey={({ snapshotId }) => snapshotId}
      rowHeight={ROW_HEIGHT}
      onOpen={({ snapshotId }) => onOpen(snapshotId)}
      {...(shownSnapshotId !== null && { selectedKey: shownSnapshotId })}
      gutter
      scrolls
      stacks
    />
  )
}

function SnapshotName({ snapshot }: { snapshot: Snapshot }) {
  return (
    <div className={classes.name}>
      <div className={classes.id}>
        <code>{snapshot.snapshotId}</code>
        {snapshot.refs.map(({ name, type }) => (
          <span key={`${type} ${name}`} className={classes.ref} data-type={type}>
            {type === 'branch' ? (
              <IconGitBranch size={12} stroke={1.6} aria-label="branch" />
            ) : (
              <IconTag size={12} stroke={1.6} aria-label="tag" />
            )}
            {name}
          </span>
        ))}
      </div>
      <div className={classes.when}>
        <RelativeTime atMs={snapshot.committedAtMs} />
        {snapshot.writer && <span>, {snapshot.writer}</span>}
      </div>
    </div>
  )
}
