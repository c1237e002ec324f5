'use client'
import { CommitRequest } from '@/components/changes/commit-request'
import { WarningNote } from '@/components/ui/notes/warning-note'
import type { ExpiryPreview } from '@/lib/contract/table/expiry'
import { ExpiryCount, useExpiryCount } from './expiry-count'
import { ExpiryFileList } from './expiry-file-list'
import { ExpirySentences, NothingExpires } from './expiry-sentences'
import { ExpiryStrip } from './expiry-strip'
import { ExpiryTable } from './expiry-table'

/** The result of a dry run: snapshots and files, consequences, and the exact commit. */
export function ExpiryReview({ preview }: { preview: ExpiryPreview }) {
  const count = useExpiryCount(preview)
  const { intent } = preview
  if (intent?.kind !== 'expire-snapshots') return <NothingExpires />
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
      {preview.request && <CommitRequest {...preview.request} />}
    </>
  )
}
