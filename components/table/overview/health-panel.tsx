'use client'
import { useInfiniteQuery } from '@tanstack/react-query'
import { IconCheck, IconCircleDashed } from '@tabler/icons-react'
import Link from 'next/link'
import type { ReactNode } from 'react'
import { useShownTable } from '@/components/table/frame/shown-table'
import { Panel } from '@/components/ui/panel'
import { Unknown } from '@/components/ui/values/unknown'
import { useNow } from '@/components/ui/values/use-now'
import { MAX_SNAPSHOT_AGE_PROPERTY, MIN_SNAPSHOTS_PROPERTY } from '@/lib/changes/impact/expiry-settings'
import { snapshotsQuery } from '@/lib/client/table/snapshots'
import { formatBytes } from '@/lib/format/bytes'
import { formatCount, formatQuantity } from '@/lib/format/count'
import { formatDuration } from '@/lib/format/duration'
import { formatPercent } from '@/lib/format/percent'
import { paths } from '@/lib/paths/paths'
import { deletedShare, neededFileCount, outdatedSnapshots } from './health-figures'
import classes from './health-panel.module.css'
import { useFileSummary } from './use-file-summary'

/** Nothing to do, something that a person has to judge, or not known. */
type Finding = { isGood: boolean; evidence: string; explanation: string } | { unknown: string } | 'reading'

/** The files and snapshots that a rewrite or an expiry could remove. Facts only: whether it is worth it is not judged. */
export function HealthPanel() {
  const { table } = useShownTable()
  const files = useSmallFiles()
  const deletes = useDeletes()
  const snapshots = useSnapshots()
  return (
    <Panel title="Health" flush>
      <ul className="bare-list">
        <Check name="Small files" finding={files}>
          <Link href={paths.partitions(table)}>Partitions</Link>
        </Check>
        <Check name="Deletes" finding={deletes}>
          <Link href={paths.table(table, 'files')}>Files</Link>
        </Check>
        <Check name="Snapshots" finding={snapshots}>
          <Link href={paths.table(table, 'snapshots')}>Snapshots</Link>
        </Check>
      </ul>
    </Panel>
  )
}

function Check({ name, finding, children }: { name: string; finding: Finding; children: ReactNode }) {
  const isKnown = finding !== 'reading' && 'evidence' in finding
  return (
    <li className={classes.check}>
      {isKnown && finding.isGood ? (
        <IconCheck size={15} stroke={1.6} aria-label="good" />
      ) : (
        <IconCircleDashed size={15} stroke={1.6} aria-label="not judged" />
      )}
      <span className={classes.name}>{name}</span>
      <span className={classes.evidence} {...(isKnown && { title: finding.explanation })}>
        {isKnown ? finding.evidence : finding !== 'reading' && <Unknown reason={finding.unknown} />}
      </span>
      {children}
    </li>
  )
}

function useSmallFiles(): Finding {
  const { query, first, isRead, dataFileCount } = useFileSummary()
  if (!isRead)
    return {
      unknown:
        dataFileCount === null
          ? 'the snapshot does not say how many files it has'
          : `the manifests of ${formatQuantity(dataFileCount, 'file')} were not read`,
    }
  if (first === null) return query.error === null ? 'reading' : { unknown: query.error.message }
  const neededCount = neededFileCount(first)
  if (neededCount === null) return { unknown: 'only the largest partitions were added up' }
  const target = formatBytes(first.targetBytes)
  const isGood = first.dataFileCount <= neededCount
  return {
    isGood,
    evidence: isGood
      ? `none to merge at ${target}`
      : `${formatQuantity(first.dataFileCount, 'file')}; ${formatCount(neededCount)} would be enough`,
    explanation: `${formatQuantity(neededCount, 'data file')} of the target size, ${target}, would hold the bytes of the ${formatCount(first.dataFileCount)}, partition by partition.`,
  }
}

function useDeletes(): Finding {
  const { detail } = useShownTable()
  const { query, snapshot } = useListedSnapshots()
  const { deleteFileCount } = detail.figures
  if (deleteFileCount === null) return { unknown: 'not in the summary of this snapshot' }
  if (deleteFileCount === 0)
    return { isGood: true, evidence: 'none to merge on read', explanation: 'The snapshot has no delete files.' }
  if (query.data === undefined && query.error === null) return 'reading'
  const share = snapshot === null ? null : deletedShare(snapshot.summary)
  const files = formatQuantity(deleteFileCount, 'delete file')
  return {
    isGood: false,
    evidence: share === null ? files : `${files}, ${formatPercent(share)} of rows`,
    explanation: `Readers merge ${files} with the data files.`,
  }
}

function useSnapshots(): Finding {
  const { detail } = useShownTable()
  const { query } = useListedSnapshots()
  const nowMs = useNow()
  if (query.data === undefined) return query.error === null ? 'reading' : { unknown: query.error.message }
  const { snapshots, totalCount } = query.data
  const outdated = outdatedSnapshots(snapshots, detail.properties, nowMs)
  if ('invalid' in outdated) return { unknown: `${outdated.invalid} is not a number` }
  const { oldCount, expirableCount } = outdated
  const age = formatDuration(outdated.maxAgeMs)
  const isComplete = snapshots.length === totalCount
  if (expirableCount === 0 && !isComplete)
    return { unknown: `only the newest ${formatCount(snapshots.length)} were looked at` }
  return {
    isGood: expirableCount === 0,
    evidence:
      expirableCount > 0
        ? `${isComplete ? '' : 'at least '}${formatCount(expirableCount)} of ${formatCount(totalCount)} can expire`
        : oldCount === 0
          ? `none older than ${age}`
          : `none can expire; ${formatCount(oldCount)} older than ${age}`,
    explanation: `An expiry may remove snapshots older than ${age}, by ${MAX_SNAPSHOT_AGE_PROPERTY} or its default. Those that a branch or a tag names, and the newest ${MIN_SNAPSHOTS_PROPERTY} of each branch, stay and are not counted. A branch can have limits of its own, which are not looked at.`,
  }
}

/** The same request as that of the chart and the list of commits. */
function useListedSnapshots() {
  const { table, detail } = useShownTable()
  const query = useInfiniteQuery(snapshotsQuery(table, {}))
  const snapshot = query.data?.snapshots.find(({ snapshotId }) => snapshotId === detail.shown.snapshotId) ?? null
  return { query, snapshot }
}
