'use client'
import { ActionIcon, Checkbox } from '@mantine/core'
import { IconDots } from '@tabler/icons-react'
import { useMemo } from 'react'
import { BranchConnector } from '@/components/table/publishing/branch-connector'
import { type SnapshotRow, usePublicationRows } from '@/components/table/publishing/use-publication-rows'
import { useShownTable } from '@/components/table/frame/shown-table'
import { lazyComponent } from '@/components/ui/controls/lazy-component'
import { LazyMenu } from '@/components/ui/controls/lazy-menu'
import { ProblemNote } from '@/components/ui/notes/problem-note'
import { type Column, DataTable } from '@/components/ui/table/data-table'
import { retryFetch } from '@/lib/client/call/retry'
import type { Snapshot } from '@/lib/contract/table/snapshots'
import { entryLabel } from '@/lib/names/identifiers'
import { ByteChange, CountChange } from '../impact/change-figure'
import { Operation } from '@/components/table/impact/operation'
import { ROW_HEIGHT_PX, SnapshotGraph } from './snapshot-graph'
import { goingSteps, LANE_WIDTH_PX, rollbackSteps, snapshotLanes } from '@/components/table/refs/snapshot-lanes'
import { CommitTime } from './commit-time'
import classes from './snapshot-list.module.css'
import { SnapshotRefs } from './snapshot-refs'
import type { SnapshotPanels } from '../refs/use-snapshot-panels'

const LazyPublicationCard = lazyComponent(
  async () => (await import('@/components/table/publishing/publication-card')).PublicationCard,
)

type SnapshotTableProps = {
  snapshots: readonly Snapshot[]
  mainSnapshotId: string | null
  shownSnapshotId: string | null
  /** The snapshot that `main` would move to. */
  moveTarget: string | null
  /** The snapshots that an expiry would remove; null without one. */
  going: ReadonlySet<string> | null
  /** The snapshots that are checked, to be compared. */
  pickedIds: readonly string[]
  onPick: (snapshotId: string) => void
  panels: SnapshotPanels
}

/** Snapshots with the graph of their lanes, and the cards of branches that can be published. */
export function SnapshotTable(props: SnapshotTableProps) {
  const { snapshots, mainSnapshotId, shownSnapshotId, moveTarget, going, pickedIds, onPick, panels } = props
  const { rows, canCheck, error, refetch } = usePublicationRows(snapshots)
  const { table } = useShownTable()
  const lanes = useMemo(() => snapshotLanes(snapshots), [snapshots])
  const neighbours = useMemo(() => neighbourTimes(snapshots), [snapshots])
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
      width: graphWidthPx,
      cell: ({ snapshotId, card }) => {
        const lane = lanes.get(snapshotId)
        if (lane && card) return <BranchConnector lane={lane} />
        return lane && <SnapshotGraph lane={lane} laneCount={laneCount} step={steps?.get(snapshotId)} />
      },
    },
    {
      id: 'snapshot',
      header: 'Snapshot',
      // Next to a panel names of refs are truncated, and figures are whole.
      fills: true,
      cell: (row) => (
        <SnapshotName
          snapshot={row}
          neighboursMs={neighbours.get(row.snapshotId) ?? []}
          colour={lanes.get(row.snapshotId)?.colour ?? 'var(--c1)'}
          isPicked={pickedIds.includes(row.snapshotId)}
          onPick={() => onPick(row.snapshotId)}
        />
      ),
    },
    // Next to a panel and on phones the snapshot's cell has it.
    { id: 'operation', header: 'Operation', roomyOnly: true, cell: (row) => <Operation operation={row.operation} /> },
    {
      id: 'rows',
      header: 'Rows',
      headerTitle: 'Rows in the data files that the commit added and removed, without subtracting deletes',
      align: 'end',
      cell: ({ rows }) => <CountChange change={rows} />,
    },
    { id: 'files', header: 'Files', align: 'end', cell: ({ files }) => <CountChange change={files} /> },
    { id: 'bytes', header: 'Bytes', align: 'end', cell: ({ bytes }) => <ByteChange change={bytes} /> },
    {
      id: 'actions',
      header: '',
      align: 'end',
      width: 60,
      cell: (snapshot) => (
        <LazyMenu
          button={
            <ActionIcon aria-label={`${snapshot.snapshotId} options`}>
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
        <div className="page-note">
          <ProblemNote
            error={error}
            subject={entryLabel(table)}
            title="What can be published could not be read"
            onRetry={() => retryFetch(refetch)}
          />
        </div>
      )}
      <div className={classes.table}>
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
        />
      </div>
    </>
  )
}

/** When the snapshots above and below each one were committed. */
function neighbourTimes(snapshots: readonly Snapshot[]): Map<string, number[]> {
  return new Map(
    snapshots.map(({ snapshotId }, i) => [
      snapshotId,
      [snapshots[i - 1], snapshots[i + 1]].flatMap((each) => each?.committedAtMs ?? []),
    ]),
  )
}

type SnapshotNameProps = {
  snapshot: Snapshot
  neighboursMs: readonly number[]
  /** The colour of its lane. */
  colour: string
  isPicked: boolean
  onPick: () => void
}

function SnapshotName({ snapshot, neighboursMs, colour, isPicked, onPick }: SnapshotNameProps) {
  return (
    <div className={classes.named}>
      <Checkbox
        size="xs"
        aria-label={`Select snapshot ${snapshot.snapshotId} to compare`}
        checked={isPicked}
        onChange={onPick}
        onClick={(event) => event.stopPropagation()}
      />
      <div className={classes.name}>
        <div className={classes.id}>
          <code>{snapshot.snapshotId}</code>
          <SnapshotRefs refs={snapshot.refs} colour={colour} />
        </div>
        <div className={classes.when}>
          <span className={classes.operation}>{snapshot.operation}, </span>
          <CommitTime atMs={snapshot.committedAtMs} neighboursMs={neighboursMs} />
          {snapshot.writer && <span>, {snapshot.writer}</span>}
          {!snapshot.isReferenced && <span title="No branch or tag reaches it, so it may be expired.">, no ref</span>}
        </div>
      </div>
    </div>
  )
}

async function loadMenu() {
  return (await import('./snapshot-menu')).SnapshotMenu
}
