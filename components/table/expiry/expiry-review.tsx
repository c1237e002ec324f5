'use client'
import type { ActionReviewProps } from '@/components/changes/action/action-review'
import { WarningNote } from '@/components/ui/notes/warning-note'
import type { ExpiryPreview } from '@/lib/contract/table/expiry'
import { ExpiryCount, useExpiryCount } from './expiry-count'
import { ExpiryFileList } from './expiry-file-list'
import { ExpirySentences, NothingExpires } from './expiry-sentences'
import { ExpiryStrip } from './expiry-strip'
import { ExpiryTable } from './expiry-table'

/**
 * The parts of the review of an expiry: the result of a dry run.
 *
 * @param advice for another choice when nothing would expire
 */
export function expiryParts(preview: ExpiryPreview | undefined, advice: string | null = null): ActionReviewProps {
  return {
    skeleton: [8, 5, 'Counting what would be removed'],
    ...(preview && {
      request: preview.intent?.kind === 'expire-snapshots' ? preview.request : null,
      children: <ExpiryEffect preview={preview} advice={advice} />,
    }),
  }
}

/** Snapshots and files that an expiry removes, and the consequences. */
function ExpiryEffect({ preview, advice }: { preview: ExpiryPreview; advice: string | null }) {
  const count = useExpiryCount(preview)
  const { intent } = preview
  if (intent?.kind !== 'expire-snapshots') return <NothingExpires advice={advice} />
  return (
    <>
      <ExpiryStrip timeline={preview.timeline} snapshots={preview.snapshots} />
      <ExpiryTable snapshots={preview.snapshots} files={count.files} />
      {preview.filesProblem === null && count.files === null && <ExpiryCount count={count} />}
      {preview.filesProblem !== null && (
        <WarningNote>The files cannot be counted, and a job could not remove them: {preview.filesProblem}</WarningNote>
      )}
      {count.files !== null && (
        <ExpiryFileList key={intent.snapshotIds.join(' ')} criteria={preview.criteria} counted={count.list} />
      )}
      <ExpirySentences preview={preview} files={count.files} removeFilesAfterMs={intent.removeFilesAfterMs} />
    </>
  )
}
