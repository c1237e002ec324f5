'use client'
import { Button } from '@mantine/core'
import { IconArrowBackUp, IconGitBranch, IconTag } from '@tabler/icons-react'
import { useInfiniteQuery } from '@tanstack/react-query'
import { useMemo, useState } from 'react'
import { CommitNotice } from '@/components/changes/commit-notice'
import { TableSidePanel, useShownTable } from '@/components/tables/shown-table'
import { useChooseAsOf } from '@/components/tables/use-as-of'
import { type Column, DataTable } from '@/components/ui/table/data-table'
import { EmptyState } from '@/components/ui/notes/empty-state'
import { PageFooter } from '@/components/ui/page-footer'
import { ProblemNote } from '@/components/ui/notes/problem-note'
import { RelativeTime } from '@/components/ui/values/relative-time'
import { SkeletonRows } from '@/components/ui/notes/skeleton-rows'
import { WaitingButton } from '@/components/ui/controls/waiting-button'
import { useCanChange } from '@/components/tables/use-can-change'
import { snapshotsQuery } from '@/lib/client/snapshots'
import type { Snapshot } from '@/lib/contract/snapshots'
import { formatQuantity } from '@/lib/format/count'
import { namespaceLabel } from '@/lib/iceberg/identifiers'
import { retryFetch } from '@/lib/client/retry'
import { ByteChange, CountChange } from './change-figure'
import { Operation } from './operation'
import { RollbackPanel } from './rollback-panel'
import { ROW_HEIGHT_PX, SnapshotGraph } from './snapshot-graph'
import { SnapshotDetail } from './snapshot-detail'
import classes from './snapshot-list.module.css'
import { LANE_WIDTH_PX, snapshotLanes } from './snapshot-lanes'

type SidePanelState = { kind: 'detail' | 'rollback'; snapshotId: string } | null

/** Every snapshot of the table, newest first, with the graph. Details and rollback open in a side panel. */
export function SnapshotList() {
  const { table, detail } = useShownTable()
  const query = useInfiniteQuery(snapshotsQuery(table))
  const [sidePanel, setSidePanel] = useState<SidePanelState>(null)
  const [doneAuditId, setDoneAuditId] = useState<string | null>(null)
  const name = `${namespaceLabel(table.namespace)}.${table.table}`

  if (query.isPending) return <SkeletonRows rows={12} columns={5} label="Reading snapshots" />
  if (query.error) {
    return (
      <div className={classes.problem}>
        <ProblemNote error={query.error} subject={name} onRetry={() => retryFetch(query.refetch)} />
      </div>
    )
  }
  const { snapshots, mainSnapshotId, totalCount } = query.data
  if (totalCount === 0)
    return (
      <EmptyState>
        No snapshots yet. Load data with <code>npm run lakeshore -- ingest</code>.
      </EmptyState>
    )
  const chosen = snapshots.find(({ snapshotId }) => snapshotId === sidePanel?.snapshotId)
  return (
    <>
      <SnapshotTable
        snapshots={snapshots}
        mainSnapshotId={mainSnapshotId}
        shownSnapshotId={chosen?.snapshotId ?? (detail.shown.isNow ? null : detail.shown.snapshotId)}
        onOpen={(snapshotId) => setSidePanel({ kind: 'detail', snapshotId })}
        onRollBack={(snapshotId) => setSidePanel({ kind: 'rollback', snapshotId })}
        hasPanel={chosen !== undefined}
      />
      {doneAuditId !== null && (
        <CommitNotice key={doneAuditId} table={table} auditId={doneAuditId} onDismiss={() => setDoneAuditId(null)}>
          main was rolled back.
        </CommitNotice>
      )}
      <PageFooter>
        <span>{formatQuantity(totalCount, 'snapshot')}</span>
        {query.hasNextPage && (
          <WaitingButton variant="subtle" loading={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
            Load older snapshots
          </WaitingButton>
        )}
      </PageFooter>
      {chosen && (
        <TableSidePanel>
          {sidePanel?.kind === 'rollback' ? (
            <RollbackPanel
              key={chosen.snapshotId}
              table={table}
              toSnapshotId={chosen.snapshotId}
              onClose={() => setSidePanel(null)}
              onDone={(auditId) => {
                setSidePanel(null)
                setDoneAuditId(auditId)
              }}
            />
          ) : (
            <SnapshotDetail
              snapshot={chosen}
              isTip={chosen.snapshotId === mainSnapshotId}
              onRollBack={() => setSidePanel({ kind: 'rollback', snapshotId: chosen.snapshotId })}
              onClose={() => setSidePanel(null)}
            />
          )}
        </TableSidePanel>
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
  /** Whether the side panel is open: it has the actions and takes their room. */
  hasPanel: boolean
}

function SnapshotTable(props: SnapshotTableProps) {
  const { snapshots, mainSnapshotId, shownSnapshotId, onOpen, onRollBack, hasPanel } = props
  const choose = useChooseAsOf()
  const { isOffered: canRollBack } = useCanChange('table:maintain')
  const lanes = useMemo(() => snapshotLanes(snapshots), [snapshots])
  const laneCount = Math.max(...[...lanes.values()].map(({ index }) => index)) + 1
  const columns: Column<Snapshot>[] = [
    {
      id: 'graph',
      header: 'Graph',
      tableOnly: true,
      width: Math.max(laneCount * LANE_WIDTH_PX + 38, 70),
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
            View
          </Button>
          {canRollBack && isOnMain && snapshotId !== mainSnapshotId && (
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
      rowHeight={ROW_HEIGHT_PX}
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
