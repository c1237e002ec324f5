'use client'
import { Button } from '@mantine/core'
import { IconArrowBackUp, IconGitBranch, IconTag } from '@tabler/icons-react'
import { useInfiniteQuery } from '@tanstack/react-query'
import Link from 'next/link'
import { parseAsString, useQueryStates } from 'nuqs'
import { useMemo, useState } from 'react'
import { lazyComponent } from '@/components/ui/controls/lazy-component'
import { CommitNotice } from '@/components/changes/commit-notice'
import { TableSidePanel, useShownTable } from '@/components/tables/shown-table'
import { useChooseAsOf } from '@/components/tables/use-as-of'
import { type Column, DataTable } from '@/components/ui/table/data-table'
import { EmptyState } from '@/components/ui/notes/empty-state'
import { PageFooter } from '@/components/ui/page-footer'
import { ProblemNote } from '@/components/ui/notes/problem-note'
import { RelativeTime } from '@/components/ui/values/relative-time'
import { SkeletonRows } from '@/components/ui/notes/skeleton-rows'
import { NextPageButton } from '@/components/ui/controls/next-page-button'
import { useCanChange } from '@/components/tables/use-can-change'
import { snapshotsQuery } from '@/lib/client/snapshots'
import type { Snapshot } from '@/lib/contract/snapshots'
import { formatQuantity } from '@/lib/format/count'
import { namespaceLabel } from '@/lib/iceberg/identifiers'
import { retryFetch } from '@/lib/client/call/retry'
import { snapshotPaths } from '@/lib/snapshot-paths'
import { ByteChange, CountChange } from './change-figure'
import { Operation } from './operation'
import { laneColour, ROW_HEIGHT_PX, SnapshotGraph } from './snapshot-graph'
import { SnapshotDetail } from './snapshot-detail'
import { VisibleText } from '@/components/ui/values/visible-text'
import classes from './snapshot-list.module.css'
import { LANE_WIDTH_PX, rollbackSteps, snapshotLanes } from './snapshot-lanes'

const LazyRollbackPanel = lazyComponent(async () => (await import('./rollback-panel')).RollbackPanel)

/** `?opened=` is the snapshot whose details are open, `?rollback=` the target of an open rollback. */
const PANEL_PARSERS = { opened: parseAsString, rollback: parseAsString }

/** Every snapshot of the table, newest first, with the graph. Details and rollback open in a side panel. */
export function SnapshotList() {
  const { table, detail } = useShownTable()
  const query = useInfiniteQuery(snapshotsQuery(table))
  const [{ opened, rollback }, setPanel] = useQueryStates(PANEL_PARSERS, { history: 'push' })
  const { isOffered: canRollBack } = useCanChange('table:maintain')
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
  const openDetail = (snapshotId: string) => void setPanel({ opened: snapshotId, rollback: null })
  const openRollback = (snapshotId: string) => void setPanel({ opened: null, rollback: snapshotId })
  const close = () => void setPanel(null)
  const rollbackTarget = canRollBack === true ? rollback : null
  const chosen = snapshots.find(({ snapshotId }) => snapshotId === opened)
  const panelSnapshotId = rollbackTarget ?? chosen?.snapshotId ?? null
  return (
    <>
      <SnapshotTable
        snapshots={snapshots}
        mainSnapshotId={mainSnapshotId}
        shownSnapshotId={panelSnapshotId ?? (detail.shown.isNow ? null : detail.shown.snapshotId)}
        rollbackTarget={rollbackTarget}
        onOpen={openDetail}
        onRollBack={canRollBack === true ? openRollback : null}
        hasPanel={panelSnapshotId !== null}
      />
      {doneAuditId !== null && (
        <CommitNotice key={doneAuditId} table={table} auditId={doneAuditId} onDismiss={() => setDoneAuditId(null)}>
          main was rolled back.
        </CommitNotice>
      )}
      <PageFooter>
        <span>{formatQuantity(totalCount, 'snapshot')}</span>
        <Link href={snapshotPaths.comparison(table)}>Compare</Link>
        <Link href={snapshotPaths.rowHistory(table)}>Row history</Link>
        <Link href={snapshotPaths.brokenCommit(table)}>Find the commit that broke it</Link>
        {!detail.shown.isNow && <span>The list is as of now.</span>}
        <NextPageButton query={query}>Load older snapshots</NextPageButton>
      </PageFooter>
      {rollbackTarget !== null ? (
        <TableSidePanel>
          <LazyRollbackPanel
            key={rollbackTarget}
            table={table}
            toSnapshotId={rollbackTarget}
            onClose={close}
            onDone={(auditId) => {
              void setPanel(null, { history: 'replace' })
              setDoneAuditId(auditId)
            }}
          />
        </TableSidePanel>
      ) : (
        chosen && (
          <TableSidePanel>
            <SnapshotDetail
              snapshot={chosen}
              onRollBack={
                canRollBack === true && canRollBackTo(chosen, mainSnapshotId)
                  ? () => openRollback(chosen.snapshotId)
                  : null
              }
              onClose={close}
            />
          </TableSidePanel>
        )
      )}
    </>
  )
}

function canRollBackTo({ snapshotId, isOnMain }: Snapshot, mainSnapshotId: string | null): boolean {
  return isOnMain && snapshotId !== mainSnapshotId
}

type SnapshotTableProps = {
  snapshots: readonly Snapshot[]
  mainSnapshotId: string | null
  shownSnapshotId: string | null
  onOpen: (snapshotId: string) => void
  rollbackTarget: string | null
  /** Null when the user cannot roll back. */
  onRollBack: ((snapshotId: string) => void) | null
  /** Whether the side panel is open: it has the actions and takes their room. */
  hasPanel: boolean
}

function SnapshotTable(props: SnapshotTableProps) {
  const { snapshots, mainSnapshotId, shownSnapshotId, rollbackTarget, onOpen, onRollBack, hasPanel } = props
  const choose = useChooseAsOf()
  const lanes = useMemo(() => snapshotLanes(snapshots), [snapshots])
  const laneCount = Math.max(...[...lanes.values()].map(({ index }) => index)) + 1
  const steps = useMemo(
    () =>
      rollbackTarget === null
        ? null
        : rollbackSteps(snapshots, { fromSnapshotId: mainSnapshotId, toSnapshotId: rollbackTarget }),
    [snapshots, mainSnapshotId, rollbackTarget],
  )
  const columns: Column<Snapshot>[] = [
    {
      id: 'graph',
      header: 'Graph',
      tableOnly: true,
      width: Math.max(laneCount * LANE_WIDTH_PX + 38, 70),
      cell: ({ snapshotId }) => {
        const lane = lanes.get(snapshotId)
        return lane && <SnapshotGraph lane={lane} laneCount={laneCount} step={steps?.get(snapshotId)} />
      },
    },
    {
      id: 'snapshot',
      header: 'Snapshot',
      cell: (row) => <SnapshotName snapshot={row} colour={laneColour(lanes.get(row.snapshotId)?.index ?? 0)} />,
    },
    { id: 'operation', header: 'Operation', cell: (row) => <Operation operation={row.operation} /> },
    { id: 'rows', header: 'Rows', align: 'end', cell: ({ rows }) => <CountChange change={rows} /> },
    { id: 'files', header: 'Files', align: 'end', cell: ({ files }) => <CountChange change={files} /> },
    { id: 'bytes', header: 'Bytes', align: 'end', cell: ({ bytes }) => <ByteChange change={bytes} /> },
    {
      id: 'actions',
      header: '',
      align: 'end',
      width: 170,
      cell: (snapshot) => (
        <span className={classes.actions}>
          <Button variant="subtle" onClick={() => choose({ snapshotId: snapshot.snapshotId })}>
            View
          </Button>
          {onRollBack !== null && canRollBackTo(snapshot, mainSnapshotId) && (
            <Button
              variant="subtle"
              aria-label={`Roll back to ${snapshot.snapshotId}`}
              leftSection={<IconArrowBackUp size={14} stroke={1.6} aria-hidden />}
              onClick={() => onRollBack(snapshot.snapshotId)}
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

/** @param props.colour of the snapshot's lane */
function SnapshotName({ snapshot, colour }: { snapshot: Snapshot; colour: string }) {
  return (
    <div className={classes.name}>
      <div className={classes.id}>
        <code>{snapshot.snapshotId}</code>
        {snapshot.refs.map(({ name, type }) => (
          <span
            key={`${type} ${name}`}
            className={classes.ref}
            title={`${type} ${name}`}
            {...(type === 'branch' && { style: { borderColor: colour, color: 'var(--text)' } })}
          >
            {type === 'branch' ? (
              <IconGitBranch size={12} stroke={1.6} aria-label="branch" />
            ) : (
              <IconTag size={12} stroke={1.6} aria-label="tag" />
            )}
            <span className={classes.refName}>
              <VisibleText>{name}</VisibleText>
            </span>
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
