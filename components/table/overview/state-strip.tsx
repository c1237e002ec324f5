import { useInfiniteQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { mainMoveMs } from '@/components/table/frame/main-move'
import { useShownTable } from '@/components/table/frame/shown-table'
import { Bytes } from '@/components/ui/values/bytes'
import { Count } from '@/components/ui/values/count'
import { type Figure, FigureStrip } from '@/components/ui/values/figure-strip'
import { RelativeTime } from '@/components/ui/values/relative-time'
import { RowCount } from '@/components/ui/values/row-count'
import { Unknown } from '@/components/ui/values/unknown'
import { snapshotsQuery } from '@/lib/client/table/snapshots'
import type { Snapshot } from '@/lib/contract/table/snapshots'
import type { TableDetail } from '@/lib/contract/table/tables'
import { formatBytes, formatBytesChange } from '@/lib/format/bytes'
import { formatCount, formatCountChange } from '@/lib/format/count'
import { visibleText } from '@/lib/format/visible-text'
import { rowChange } from './row-change'

const MAX_NAMED_REFS = 3
const NOT_IN_SUMMARY = 'not in the summary of this snapshot'
/** Holds the line of a note that is not known yet, so that nothing moves when it is. */
const EMPTY_NOTE = '\u00a0'

/**
 * The state of the table in figures, and the last commit that led to it.
 *
 * @param props.upTo the snapshot of the shown state; null for the current state
 */
export function StateStrip({ upTo }: { upTo: string | null }) {
  const { table, detail } = useShownTable()
  // The same request as that of the chart and the list of commits.
  const query = useInfiniteQuery(snapshotsQuery(table, upTo === null ? {} : { upTo }))
  const { figures, shown, shownMetadata } = detail
  const snapshot = query.data?.snapshots.find(({ snapshotId }) => snapshotId === shown.snapshotId) ?? null
  const movedAtMs = mainMoveMs(detail)
  // After a rollback the changes of the snapshot are not those of the last commit.
  const lastCommit = movedAtMs === null ? snapshot : null
  const strip: Figure[] = [
    {
      label: 'Rows',
      value: <RowCount {...figures} reason={NOT_IN_SUMMARY} />,
      note: lastCommit === null ? EMPTY_NOTE : rowsNote(lastCommit),
    },
    {
      label: 'Live bytes',
      value: <Bytes value={figures.liveBytes} reason={NOT_IN_SUMMARY} />,
      note: lastCommit === null ? EMPTY_NOTE : bytesNote(lastCommit),
    },
    {
      label: 'Data files',
      value: <Count value={figures.dataFileCount} reason={NOT_IN_SUMMARY} />,
      note: meanSizeNote(figures),
    },
    {
      label: 'Delete files',
      value: <Count value={figures.deleteFileCount} reason={NOT_IN_SUMMARY} />,
      note:
        figures.deleteFileCount === null
          ? EMPTY_NOTE
          : figures.deleteFileCount === 0
            ? 'nothing to merge'
            : 'merged on read',
    },
    {
      label: 'Last snapshot',
      value:
        shown.committedAtMs === null ? (
          <Unknown reason="no snapshots yet" />
        ) : (
          <RelativeTime atMs={shown.committedAtMs} />
        ),
      note: lastSnapshotNote(movedAtMs, snapshot),
    },
    { label: 'Format', value: `v${detail.formatVersion}`, note: layoutNote(detail) },
    {
      label: 'Snapshots',
      value: <Count value={shownMetadata?.snapshotCount ?? null} reason={detail.shownMetadataProblem ?? 'not known'} />,
      note: shownMetadata ? (
        refsNote(shownMetadata.refNames)
      ) : (
        <Unknown reason={detail.shownMetadataProblem ?? 'not known'} />
      ),
    },
  ]
  return <FigureStrip label="State" figures={strip.map(withNoteTitle)} />
}

/** A note may have less room than its text. */
function withNoteTitle({ note, ...figure }: Figure): Figure {
  return { ...figure, note: typeof note === 'string' && note !== EMPTY_NOTE ? <span title={note}>{note}</span> : note }
}

function rowsNote(snapshot: Snapshot): ReactNode {
  const { added, removed } = snapshot.rows
  if (added === null && removed === null) return EMPTY_NOTE
  const change = rowChange(snapshot)
  if (change !== null) return `${formatCountChange(change)} last snapshot`
  const inFiles = `${formatCountChange(added ?? 0)} and ${formatCountChange(-(removed ?? 0))} rows in data files`
  return (
    <span title={`The last snapshot: ${inFiles}. The summary does not say how many of them delete files removed.`}>
      change not known
    </span>
  )
}

function bytesNote({ bytes: { added, removed } }: Snapshot): string {
  if (added === null && removed === null) return EMPTY_NOTE
  return `${formatBytesChange((added ?? 0) - (removed ?? 0))} last snapshot`
}

function meanSizeNote({ liveBytes, dataFileCount, deleteFileCount }: TableDetail['figures']): string {
  // Live bytes are those of all files, so the size of data files is known only without delete files.
  if (liveBytes === null || !dataFileCount || deleteFileCount !== 0) return EMPTY_NOTE
  return `${formatBytes(liveBytes / dataFileCount)} on average`
}

/** A move of `main` to an existing snapshot is not the time of that snapshot, so it has its own words. */
function lastSnapshotNote(movedAtMs: number | null, snapshot: Snapshot | null): ReactNode {
  if (movedAtMs === null) return snapshot === null ? EMPTY_NOTE : commitNote(snapshot)
  return (
    <>
      main moved <RelativeTime atMs={movedAtMs} />
    </>
  )
}

function commitNote({ operation, writer }: Snapshot): string {
  return visibleText(writer === null ? operation : `${operation} by ${writer}`)
}

function layoutNote({ partitionedBy, sortedBy, shownMetadataProblem }: TableDetail): ReactNode {
  if (partitionedBy === null || sortedBy === null) return <Unknown reason={shownMetadataProblem ?? 'not known'} />
  return visibleText(
    [
      partitionedBy === '' ? 'not partitioned' : `by ${partitionedBy}`,
      sortedBy === '' ? 'unsorted' : `sorted by ${sortedBy}`,
    ].join(', '),
  )
}

function refsNote(names: readonly string[]): string {
  if (names.length === 0) return 'no branches or tags'
  const named = names.slice(0, MAX_NAMED_REFS).map(visibleText).join(', ')
  return names.length > MAX_NAMED_REFS ? `${named} and ${formatCount(names.length - MAX_NAMED_REFS)} more` : named
}
