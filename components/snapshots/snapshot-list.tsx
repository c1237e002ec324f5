'use client'
import { ActionIcon, Button } from '@mantine/core'
import { IconChecks, IconClockX, IconDots, IconGitBranch, IconTag } from '@tabler/icons-react'
import { useInfiniteQuery } from '@tanstack/react-query'
import Link from 'next/link'
import { parseAsStringLiteral, useQueryState } from 'nuqs'
import { useCallback, useMemo, useState } from 'react'
import { PublicationTie } from '@/components/publishing/publication-tie'
import { type SnapshotRow, usePublicationRows } from '@/components/publishing/use-publication-rows'
import { TableSidePanel, useShownTable } from '@/components/tables/shown-table'
import { useCanChange } from '@/components/tables/use-can-change'
import { lazyComponent } from '@/components/ui/controls/lazy-component'
import { LazyMenu } from '@/components/ui/controls/lazy-menu'
import { NextPageButton } from '@/components/ui/controls/next-page-button'
import { EmptyState } from '@/components/ui/notes/empty-state'
import { ProblemNote } from '@/components/ui/notes/problem-note'
import { SkeletonRows } from '@/components/ui/notes/skeleton-rows'
import { PageFooter } from '@/components/ui/page-footer'
import { type Column, DataTable } from '@/components/ui/table/data-table'
import { Toolbar } from '@/components/ui/toolbar'
import { RelativeTime } from '@/components/ui/values/relative-time'
import { VisibleText } from '@/components/ui/values/visible-text'
import { retryFetch } from '@/lib/client/call/retry'
import { isWithinKey, keys } from '@/lib/client/keys'
import { snapshotsQuery } from '@/lib/client/snapshots'
import type { Snapshot } from '@/lib/contract/snapshots'
import type { TableDetail } from '@/lib/contract/tables'
import { formatCount, formatQuantity } from '@/lib/format/count'
import { namespaceLabel } from '@/lib/iceberg/identifiers'
import { asOfFromText, snapshotPaths } from '@/lib/snapshot-paths'
import { ByteChange, CountChange } from './change-figure'
import type { CompletedRefChange } from './completed-ref-change'
import { Operation } from './operation'
import { ROW_HEIGHT_PX, SnapshotGraph } from './snapshot-graph'
import { SnapshotFilters } from './snapshot-filters'
import { goingSteps, LANE_WIDTH_PX, rollbackSteps, snapshotLanes } from './snapshot-lanes'
import classes from './snapshot-list.module.css'
import { useSnapshotFilters } from './use-snapshot-filters'
import { isExpiryEdit, type SnapshotPanels, useSnapshotPanels } from './use-snapshot-panels'

const LazyRefMovePanel = lazyComponent(async () => (await import('./ref-move-panel')).RefMovePanel)
const LazyRefFormPanel = lazyComponent(async () => (await import('./ref-form-panel')).RefFormPanel)
const LazyRefDropPanel = lazyComponent(async () => (await import('./ref-drop-panel')).RefDropPanel)
const LazyExpiryPanels = lazyComponent(async () => (await import('./expiry/expiry-panels')).ExpiryPanels)
const LazyPendingExpiries = lazyComponent(async () => (await import('./expiry/pending-expiries')).PendingExpiries)
const LazySnapshotDetail = lazyComponent(async () => (await import('./snapshot-detail')).SnapshotDetail)
const LazyPublishPanels = lazyComponent(
  async () => (await import('@/components/publishing/publish-panels')).PublishPanels,
)
const LazyPublicationCard = lazyComponent(
  async () => (await import('@/components/publishing/publication-card')).PublicationCard,
)
const LazyRefList = lazyComponent(async () => (await import('./ref-list')).RefList)
const LazyCommitNotice = lazyComponent(async () => (await import('@/components/changes/commit-notice')).CommitNotice)

/** `?list=refs` lists branches and tags instead of snapshots. */
const LIST_PARSER = parseAsStringLiteral(['snapshots', 'refs']).withDefault('snapshots')

/** The snapshots of the table, newest first, with the graph, or its branches and tags. Panels open next to them. */
export function SnapshotList() {
  const { table, detail } = useShownTable()
  const filters = useSnapshotFilters()
  const options = snapshotsQuery(table, filters.filter)
  const query = useInfiniteQuery({
    ...options,
    // While a filter changes, the list stays; that of another table would be wrong.
    placeholderData: (previous, before) => (isWithinKey(before?.queryKey, keys.table(table)) ? previous : undefined),
  })
  const [list, setList] = useQueryState('list', LIST_PARSER)
  const panels = useSnapshotPanels()
  const { isOffered: canMove } = useCanChange('table:maintain')
  const { isOffered: canTag } = useCanChange('table:write')
  const [done, setDone] = useState<CompletedRefChange | null>(null)
  const [going, setGoing] = useState<ReadonlySet<string> | null>(null)
  const dismissNotice = useCallback(() => setDone(null), [])
  const name = `${namespaceLabel(table.namespace)}.${table.table}`

  if (query.isPending) return <SkeletonRows rows={12} columns={5} label="Reading snapshots" />
  if (query.error) {
    return (
      <div className={classes.problem}>
        <ProblemNote error={query.error} subject={name} onRetry={() => retryFetch(query.refetch)} />
      </div>
    )
  }
  const { snapshots, mainSnapshotId, totalCount, tableCount, unreferencedCount, operations, writers } = query.data
  if (tableCount === 0)
    return (
      <EmptyState>
        No snapshots yet. Load data with <code>npm run lakeshore -- ingest</code>.
      </EmptyState>
    )
  const { opened, move, to, edit, step, of } = panels.panel
  const moveTarget = canMove === true && move === 'main' && to !== null ? (asOfFromText(to)?.snapshotId ?? null) : null
  const chosen = snapshots.find(({ snapshotId }) => snapshotId === opened)
  const close = () => panels.close()
  const finish = (result: CompletedRefChange) => {
    panels.close('replace')
    setDone(result)
  }
  return (
    <>
      <Toolbar
        end={
          mainSnapshotId !== null && (
            <>
              {canMove === true && (
                <Button
                  variant="default"
                  leftSection={<IconGitBranch size={14} stroke={1.6} aria-hidden />}
                  onClick={() => panels.openEdit('branch', chosen?.snapshotId ?? mainSnapshotId)}
                >
                  New branch
                </Button>
              )}
              {canTag === true && (
                <Button
                  variant="default"
                  leftSection={<IconTag size={14} stroke={1.6} aria-hidden />}
                  onClick={() => panels.openEdit('tag', chosen?.snapshotId ?? mainSnapshotId)}
                >
                  New tag
                </Button>
              )}
              {canMove === true && (
                <Button
                  variant="default"
                  leftSection={<IconClockX size={14} stroke={1.6} aria-hidden />}
                  onClick={() => panels.openEdit('expire', 'table')}
                >
                  Expire…
                </Button>
              )}
              <Button
                variant="default"
                leftSection={<IconChecks size={14} stroke={1.6} aria-hidden />}
                onClick={() => panels.openStep('checks', null)}
              >
                Checks
              </Button>
            </>
          )
        }
      >
        <div role="group" aria-label="List" className={classes.lists}>
          {(
            [
              ['snapshots', formatQuantity(tableCount, 'snapshot')],
              ['refs', formatQuantity(detail.refs.length, 'ref')],
            ] as const
          ).map(([value, label]) => (
            <button key={value} type="button" aria-pressed={list === value} onClick={() => void setList(value)}>
              {label}
            </button>
          ))}
        </div>
        {list === 'snapshots' && <SnapshotFilters filters={filters} operations={operations} writers={writers} />}
      </Toolbar>
      {list === 'refs' ? (
        <LazyRefList panels={panels} />
      ) : totalCount === 0 ? (
        <div className={classes.rest}>
          <EmptyState
            action={
              <Button variant="default" onClick={filters.clear}>
                Show all snapshots
              </Button>
            }
          >
            No snapshot matches the filters.
          </EmptyState>
        </div>
      ) : (
        <SnapshotTable
          snapshots={snapshots}
          mainSnapshotId={mainSnapshotId}
          shownSnapshotId={moveTarget ?? chosen?.snapshotId ?? (detail.shown.isNow ? null : detail.shown.snapshotId)}
          moveTarget={moveTarget}
          going={going}
          panels={panels}
        />
      )}
      {done !== null && (
        <LazyCommitNotice
          key={done.auditId}
          table={table}
          auditId={done.canUndo ? done.auditId : null}
          onDismiss={dismissNotice}
        >
          {done.message}
        </LazyCommitNotice>
      )}
      <LazyPendingExpiries onUndo={(auditId) => panels.openEdit('undo-expiry', auditId)} />
      <PageFooter>
        <span>{summaryText({ totalCount, tableCount, unreferencedCount }, detail.refs)}</span>
        <Link href={snapshotPaths.comparison(table)}>Compare</Link>
        <Link href={snapshotPaths.rowHistory(table)}>Row history</Link>
        <Link href={snapshotPaths.brokenCommit(table)}>Find the commit that broke it</Link>
        {going !== null && going.size > 0 && <span>Hollow: would go</span>}
        {!detail.shown.isNow && <span>The list is as of now.</span>}
        {list === 'snapshots' && <NextPageButton query={query}>Load older snapshots</NextPageButton>}
      </PageFooter>
      {move !== null && canMove === true ? (
        <TableSidePanel>
          <LazyRefMovePanel
            key={`${move} ${to}`}
            branch={move}
            to={to}
            onChoose={panels.openMove}
            onClose={close}
            onDone={finish}
          />
        </TableSidePanel>
      ) : edit !== null && of !== null && (edit === 'tag' ? canTag : canMove) === true ? (
        <TableSidePanel>
          {isExpiryEdit(edit) ? (
            <LazyExpiryPanels
              key={`${edit} ${of}`}
              edit={edit}
              of={of}
              onGoing={setGoing}
              onClose={close}
              onDone={finish}
            />
          ) : edit === 'remove' ? (
            <LazyRefDropPanel key={of} refName={of} onClose={close} onDone={finish} />
          ) : (
            <LazyRefFormPanel key={`${edit} ${of}`} form={edit} of={of} onClose={close} />
          )}
        </TableSidePanel>
      ) : step !== null ? (
        <TableSidePanel>
          <LazyPublishPanels key={`${step} ${of}`} step={step} of={of} onClose={close} onDone={finish} />
        </TableSidePanel>
      ) : (
        chosen && (
          <TableSidePanel>
            <LazySnapshotDetail
              snapshot={chosen}
              onRollBack={
                canMove === true && chosen.isOnMain && chosen.snapshotId !== mainSnapshotId
                  ? () => panels.openMove('main', { snapshotId: chosen.snapshotId })
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

type Counts = { totalCount: number; tableCount: number; unreferencedCount: number }

/** `12 snapshots, 2 branches, 1 tag, 3 snapshots that no ref reaches`. */
function summaryText({ totalCount, tableCount, unreferencedCount }: Counts, refs: TableDetail['refs']): string {
  const branchCount = refs.filter(({ type }) => type === 'branch').length
  const tagCount = refs.length - branchCount
  return [
    totalCount === tableCount
      ? formatQuantity(tableCount, 'snapshot')
      : `${formatCount(totalCount)} of ${formatQuantity(tableCount, 'snapshot')}`,
    formatQuantity(branchCount, 'branch', 'branches'),
    ...(tagCount === 0 ? [] : [formatQuantity(tagCount, 'tag')]),
    ...(unreferencedCount === 0 ? [] : [`${formatQuantity(unreferencedCount, 'snapshot')} that no ref reaches`]),
  ].join(', ')
}

type SnapshotTableProps = {
  snapshots: readonly Snapshot[]
  mainSnapshotId: string | null
  shownSnapshotId: string | null
  /** The snapshot that `main` would move to. */
  moveTarget: string | null
  /** The snapshots that an expiry would remove; null without one. */
  going: ReadonlySet<string> | null
  panels: SnapshotPanels
}

function SnapshotTable(props: SnapshotTableProps) {
  const { snapshots, mainSnapshotId, shownSnapshotId, moveTarget, going, panels } = props
  const { rows, canCheck, error, refetch } = usePublicationRows(snapshots)
  const { table } = useShownTable()
  const lanes = useMemo(() => snapshotLanes(snapshots), [snapshots])
  const laneCount = Math.max(...[...lanes.values()].map(({ index }) => index)) + 1
  const steps = useMemo(
    () =>
      moveTarget === null
        ? going && goingSteps(going)
        : rollbackSteps(snapshots, { fromSnapshotId: mainSnapshotId, toSnapshotId: moveTarget }),
    [snapshots, mainSnapshotId, moveTarget, going],
  )
  const graphWidthPx = Math.max(laneCount * LANE_WIDTH_PX + 38, 70)
  const columns: Column<SnapshotRow>[] = [
    {
      id: 'graph',
      header: 'Graph',
      tableOnly: true,
      width: graphWidthPx,
      cell: ({ snapshotId, card }) => {
        const lane = lanes.get(snapshotId)
        if (lane && card) return <PublicationTie lane={lane} />
        return lane && <SnapshotGraph lane={lane} laneCount={laneCount} step={steps?.get(snapshotId)} />
      },
    },
    {
      id: 'snapshot',
      header: 'Snapshot',
      cell: (row) => <SnapshotName snapshot={row} colour={lanes.get(row.snapshotId)?.colour ?? 'var(--c1)'} />,
    },
    { id: 'operation', header: 'Operation', cell: (row) => <Operation operation={row.operation} /> },
    { id: 'rows', header: 'Rows', align: 'end', cell: ({ rows }) => <CountChange change={rows} /> },
    { id: 'files', header: 'Files', align: 'end', cell: ({ files }) => <CountChange change={files} /> },
    { id: 'bytes', header: 'Bytes', align: 'end', cell: ({ bytes }) => <ByteChange change={bytes} /> },
    {
      id: 'actions',
      header: '',
      align: 'end',
      width: 48,
      cell: (snapshot) => (
        <LazyMenu
          button={
            <ActionIcon aria-label={`Actions of ${snapshot.snapshotId}`}>
              <IconDots size={15} stroke={1.6} aria-hidden />
            </ActionIcon>
          }
          load={loadMenu}
          menuProps={{ snapshot, mainSnapshotId, panels }}
        />
      ),
    },
  ]
  return (
    <>
      {error && (
        <div className={classes.problem}>
          <ProblemNote
            error={error}
            subject={`${namespaceLabel(table.namespace)}.${table.table}`}
            title="What can be published could not be read"
            onRetry={() => retryFetch(refetch)}
          />
        </div>
      )}
      <DataTable
        label="Snapshots"
        columns={columns}
        rows={rows}
        rowKey={({ snapshotId, card }) => (card ? `${snapshotId} ${card.branch}` : snapshotId)}
        rowHeight={ROW_HEIGHT_PX}
        rowMessage={({ snapshotId, card }) =>
          card && (
            <LazyPublicationCard
              publication={card}
              isEnabled={canCheck}
              colour={lanes.get(snapshotId)?.colour ?? 'var(--line2)'}
              leftPx={graphWidthPx}
              onOpen={panels.openStep}
            />
          )
        }
        onOpen={({ snapshotId, card }) => (card ? panels.openStep('results', snapshotId) : panels.open(snapshotId))}
        {...(shownSnapshotId !== null && { selectedKey: shownSnapshotId })}
        gutter
        scrolls
        stacks
      />
    </>
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
        {!snapshot.isReferenced && <span title="No branch or tag reaches it, so it may be expired.">, no ref</span>}
      </div>
    </div>
  )
}

async function loadMenu() {
  return (await import('./snapshot-menu')).SnapshotMenu
}
