import { Operation } from '@/components/table/impact/operation'
import { Panel } from '@/components/ui/panel'
import { type Column, DataTable } from '@/components/ui/table/data-table'
import { ExactTime } from '@/components/ui/values/exact-time'
import { Unknown } from '@/components/ui/values/unknown'
import type { Snapshot } from '@/lib/contract/table/snapshots'
import { formatQuantity } from '@/lib/format/count'
import classes from './find-broken-commit.module.css'
import { type SearchStep, VERDICTS } from './use-broken-commit-search'

type Row = { snapshot: Snapshot; step: SearchStep | undefined }

/**
 * The snapshots of a search, the newest first, each with the result of its test.
 *
 * @param props.snapshots the oldest first
 */
export function SearchedSnapshots({
  snapshots,
  steps,
  branch,
}: {
  snapshots: readonly Snapshot[]
  steps: readonly SearchStep[]
  branch: string
}) {
  const bySnapshot = new Map(steps.map((step) => [step.snapshot.snapshotId, step]))
  const rows = snapshots.toReversed().map((snapshot): Row => ({ snapshot, step: bySnapshot.get(snapshot.snapshotId) }))
  return (
    <div className={classes.snapshots}>
      <Panel title="Snapshots" subtitle={`${formatQuantity(snapshots.length, 'snapshot')} of ${branch}`} flush>
        <DataTable
          label="Searched snapshots"
          columns={COLUMNS}
          rows={rows}
          rowKey={({ snapshot }) => snapshot.snapshotId}
          rowHeight={28}
          scrolls
        />
      </Panel>
    </div>
  )
}

const COLUMNS: readonly Column<Row>[] = [
  {
    id: 'condition',
    header: 'Condition',
    width: 92,
    cell: ({ step }) =>
      step === undefined ? (
        <span className="quiet">not tested</span>
      ) : (
        <span className={classes.verdict} data-verdict={step.verdict ?? 'testing'}>
          {step.verdict === null ? 'testing…' : VERDICTS[step.verdict]}
        </span>
      ),
  },
  { id: 'snapshot', header: 'Snapshot', cell: ({ snapshot }) => <code>{snapshot.snapshotId}</code> },
  {
    id: 'operation',
    header: 'Operation',
    wideOnly: true,
    cell: ({ snapshot }) => <Operation operation={snapshot.operation} />,
  },
  {
    id: 'writer',
    header: 'Writer',
    wideOnly: true,
    roomyOnly: true,
    cell: ({ snapshot }) => snapshot.writer ?? <Unknown reason="writer not recorded" />,
  },
  {
    id: 'committed',
    header: 'Committed',
    align: 'end',
    cell: ({ snapshot }) => <ExactTime atMs={snapshot.committedAtMs} />,
  },
]
