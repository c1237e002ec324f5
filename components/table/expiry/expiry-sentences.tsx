import { IconClockX, IconFileX, IconHistory, IconShieldCheck, IconTag, IconUsers } from '@tabler/icons-react'
import { ExactTime } from '@/components/ui/values/exact-time'
import { RelativeTime } from '@/components/ui/values/relative-time'
import { useTimeZone } from '@/components/ui/values/use-time-zone'
import type { ExpiryFiles, ExpiryPreview } from '@/lib/contract/table/expiry'
import { expiryTotals } from '@/lib/contract/table/expiry-totals'
import { formatBytes } from '@/lib/format/bytes'
import { formatQuantity } from '@/lib/format/count'
import { formatDuration } from '@/lib/format/duration'
import { formatExactDuration } from '@/lib/format/exact-duration'
import { formatExactTime } from '@/lib/format/time'
import { refNames } from '../impact/impact-review'
import impactClasses from '../impact/impact-review.module.css'

type ExpirySentencesProps = { preview: ExpiryPreview; files: ExpiryFiles | null; removeFilesAfterMs: number | null }

/** The consequences of an expiry for time travel, refs, readers and files. */
export function ExpirySentences({ preview, files, removeFilesAfterMs }: ExpirySentencesProps) {
  const { refs, readers, timeTravelFromMs } = preview
  const going = refs.filter(({ isRemoved }) => isRemoved)
  const staying = refs.filter(({ isRemoved }) => !isRemoved)
  return (
    <ul className={impactClasses.sentences}>
      <li>
        <IconHistory size={16} stroke={1.6} aria-hidden />
        <TimeTravel {...timeTravelFromMs} />
      </li>
      <li>
        <IconTag size={16} stroke={1.6} aria-hidden />
        <span>
          {going.length > 0 && (
            <>
              <strong>{refNames(going)}</strong> {going.length === 1 ? 'is' : 'are'} older than the retention and{' '}
              {going.length === 1 ? 'is' : 'are'} removed, too.{' '}
            </>
          )}
          {staying.length > 0 && `${refNames(staying)} ${staying.length === 1 ? 'stays' : 'stay'}.`}
        </span>
      </li>
      {readers.map(({ reader, snapshotId, atMs }) => (
        <li key={snapshotId}>
          <IconUsers size={16} stroke={1.6} className={impactClasses.warn} aria-hidden />
          <span>
            {reader} read <code>{snapshotId}</code> <RelativeTime atMs={atMs} />. Such a query finds no snapshot
            afterwards.
          </span>
        </li>
      ))}
      <li>
        <IconFileX size={16} stroke={1.6} aria-hidden />
        <FilesSentence files={files} removeFilesAfterMs={removeFilesAfterMs} />
      </li>
      <li>
        <IconShieldCheck size={16} stroke={1.6} aria-hidden />
        <span>
          Will be rejected if {refs.length === 1 ? 'its ref' : `any of the ${formatQuantity(refs.length, 'ref')}`} has
          moved, or if a branch or a tag is new.
        </span>
      </li>
    </ul>
  )
}

function TimeTravel({ now, after }: ExpiryPreview['timeTravelFromMs']) {
  const timeZone = useTimeZone()
  if (after === null) return <span>Time travel on main is not possible afterwards.</span>
  if (now === after) {
    return (
      <span>
        Time travel on <strong>main</strong> still begins on <ExactTime atMs={after} />.
      </span>
    )
  }
  // Two times of one second have the same text.
  const isSameSecond = now !== null && formatExactTime(now, timeZone) === formatExactTime(after, timeZone)
  return (
    <span>
      Time travel on <strong>main</strong> then begins on <ExactTime atMs={after} />
      {isSameSecond && <>, {formatDuration(after - now)} later than it does now</>}
      {now !== null && !isSameSecond && (
        <>
          {' '}
          instead of <ExactTime atMs={now} />
        </>
      )}
      .
    </span>
  )
}

const NONE = { fileCount: 0, sizeBytes: 0 }

function FilesSentence({ files, removeFilesAfterMs }: Omit<ExpirySentencesProps, 'preview'>) {
  const { fileCount, sizeBytes } = files === null ? NONE : expiryTotals(files)
  const what = files === null ? 'The files that nothing reaches any more' : formatQuantity(fileCount, 'file')
  if (files !== null && fileCount === 0) {
    const isLeft = files.retained.fileCount > 0
    return (
      <span>
        No file is removed:{' '}
        {isLeft
          ? 'those to remove are outside the table’s folders, or in those of other tables.'
          : 'other snapshots have all of them.'}
      </span>
    )
  }
  if (removeFilesAfterMs === null) {
    return (
      <span>
        {what} {fileCount === 1 ? 'stays' : 'stay'} in the storage, and nothing of the table names{' '}
        {fileCount === 1 ? 'it' : 'them'} any more.
      </span>
    )
  }
  return (
    <span>
      {what}
      {files !== null && `, ${formatBytes(sizeBytes)},`} {fileCount === 1 ? 'is' : 'are'} removed by a job{' '}
      <strong>{formatExactDuration(String(removeFilesAfterMs))} after the commit</strong>, unless something reaches{' '}
      {fileCount === 1 ? 'it' : 'them'} by then. Until then you can cancel that, and History offers to undo the expiry.
      {files !== null &&
        files.nested === null &&
        ' The job first reads every table of the catalog, up to 20,000: files in folders of other tables stay, and beyond that number all files do.'}
    </span>
  )
}

/** Replaces the figures when no snapshot would expire. */
export function NothingExpires({ advice }: { advice: string | null }) {
  return (
    <ul className={impactClasses.sentences}>
      <li>
        <IconClockX size={16} stroke={1.6} aria-hidden />
        <span>Nothing would expire.{advice !== null && ` ${advice}`}</span>
      </li>
    </ul>
  )
}
