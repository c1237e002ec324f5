'use client'
import { Button } from '@mantine/core'
import { IconArrowBackUp, IconGitCompare, IconHistory } from '@tabler/icons-react'
import Link from 'next/link'
import { useShownTable } from '@/components/table/frame/shown-table'
import { useChooseAsOf } from '@/components/table/frame/use-as-of'
import { summaryFacts } from '@/components/table/impact/summary-facts'
import { ExactTime } from '@/components/ui/values/exact-time'
import { CopyButton } from '@/components/ui/controls/copy-button'
import { type Fact, Facts } from '@/components/ui/values/facts'
import { SidePanel } from '@/components/ui/side-panel'
import type { Snapshot } from '@/lib/contract/table/snapshots'
import { snapshotPaths } from '@/lib/paths/snapshot-paths'
import classes from './snapshot-detail.module.css'

/** `onRollBack` is null when `main` cannot be rolled back to the snapshot. */
type SnapshotDetailProps = { snapshot: Snapshot; onRollBack: (() => void) | null; onClose: () => void }

/** One snapshot: its ids, the writer's summary, and actions. */
export function SnapshotDetail({ snapshot, onRollBack, onClose }: SnapshotDetailProps) {
  const choose = useChooseAsOf()
  const { table } = useShownTable()
  const { snapshotId, parentSnapshotId } = snapshot
  const facts: Fact[] = [
    ['Committed', <ExactTime key="committed" atMs={snapshot.committedAtMs} />],
    ['Operation', snapshot.operation],
    ['Writer', snapshot.writer ?? '–'],
    ['Parent', snapshot.parentSnapshotId ?? 'none'],
    ['Sequence number', String(snapshot.sequenceNumber)],
    ['Schema', snapshot.schemaId === null ? '–' : `id ${snapshot.schemaId}`],
  ]
  return (
    <SidePanel
      title="Snapshot"
      width={428}
      onClose={onClose}
      takesFocus
      footer={
        <div className="flow gap-8">
          <Button
            variant="default"
            leftSection={<IconHistory size={15} stroke={1.6} aria-hidden />}
            onClick={() => choose({ snapshotId: snapshot.snapshotId })}
          >
            View table at this snapshot
          </Button>
          {parentSnapshotId !== null && (
            <Button
              component={Link}
              href={snapshotPaths.comparison(table, {
                before: { snapshotId: parentSnapshotId },
                after: { snapshotId },
              })}
              variant="default"
              leftSection={<IconGitCompare size={15} stroke={1.6} aria-hidden />}
            >
              Compare with its parent
            </Button>
          )}
          {onRollBack !== null && (
            <Button
              variant="default"
              leftSection={<IconArrowBackUp size={15} stroke={1.6} aria-hidden />}
              onClick={onRollBack}
            >
              Roll back to this snapshot…
            </Button>
          )}
        </div>
      }
    >
      <p className={classes.id}>
        <code>{snapshot.snapshotId}</code>
        <CopyButton value={snapshot.snapshotId} label="snapshot id" />
      </p>
      <Facts facts={facts} isInSidePanel />
      <h3 className={classes.heading}>Summary</h3>
      <Facts facts={summaryFacts(snapshot.summary)} isInSidePanel />
    </SidePanel>
  )
}
