import { Button } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import Link from 'next/link'
import { useState } from 'react'
import { ProblemNote } from '@/components/ui/notes/problem-note'
import { RelativeTime } from '@/components/ui/values/relative-time'
import { useSingleMutation } from '@/lib/client/call/use-single-mutation'
import { sessionQuery } from '@/lib/client/session/session'
import type { StoredUpload } from '@/lib/client/uploads/list-uploads'
import { useCanResume } from '@/lib/client/uploads/stored-uploads'
import { isComplete } from '@/lib/client/uploads/use-listed-uploads'
import { useUploads } from '@/lib/client/uploads/use-uploads'
import { formatBytes } from '@/lib/format/bytes'
import { formatQuantity } from '@/lib/format/count'
import { formatPercent } from '@/lib/format/percent'
import { paths } from '@/lib/paths/paths'
import classes from '../more-rows.module.css'
import type { LoadUploads } from '../use-load-uploads'

const SHOWN_UPLOADS = 5

type EarlierActions = Pick<LoadUploads, 'files' | 'listed' | 'sent' | 'addStored' | 'removeStored' | 'readListed'>

/** Files that were uploaded for the table, and neither loaded nor proposed, for example before the page was left. */
export function EarlierUploads({ uploads }: { uploads: EarlierActions }) {
  const [isOpen, setOpen] = useState(false)
  const removal = useSingleMutation({
    mutationFn: (uploadId: string) => uploads.removeStored(uploadId),
    onSettled: () => uploads.readListed(),
  })
  const { data: session } = useQuery(sessionQuery())
  const here = useUploadIdsOfTab(session?.userId ?? '')
  const canResume = useCanResume(session?.userId ?? null)
  const sent = new Set(uploads.sent.map(({ uploadId }) => uploadId))
  const earlier = (uploads.listed ?? []).filter((upload) => {
    const { uploadId, proposalId } = upload
    if (proposalId !== null || here.has(uploadId)) return false
    // A file whose load has failed since can be used again.
    return !sent.has(uploadId) || isUsable(upload)
  })
  if (earlier.length === 0) return null
  const usable = earlier.filter(isUsable)
  const hiddenCount = isOpen ? 0 : Math.max(0, earlier.length - SHOWN_UPLOADS)
  return (
    <div className={classes.note}>
      Uploaded earlier and not loaded:
      <ul className="bare-list">
        {earlier.slice(0, earlier.length - hiddenCount).map((upload) => (
          <li key={upload.uploadId}>
            {upload.fileName}, {formatBytes(upload.sizeBytes)}
            <UploadState upload={upload} canResume={canResume(upload.uploadId)} />; removed{' '}
            <RelativeTime atMs={upload.expiresAtMs} />{' '}
            {isUsable(upload) && (
              <>
                <button
                  type="button"
                  className={classes.remove}
                  aria-label={`Use ${upload.fileName}`}
                  onClick={() => uploads.addStored([upload])}
                >
                  Use
                </button>{' '}
              </>
            )}
            {upload.runId === null && (
              <button
                type="button"
                className={classes.remove}
                aria-label={`Remove now, ${upload.fileName}`}
                disabled={removal.isPending}
                onClick={() => removal.mutate(upload.uploadId)}
              >
                Remove now
              </button>
            )}
          </li>
        ))}
      </ul>
      {removal.error && <ProblemNote error={removal.error} title="The upload was not removed" />}
      {usable.length > 1 && (
        <Button size="compact-xs" variant="default" onClick={() => uploads.addStored(usable)}>
          Use all {formatQuantity(usable.length, 'file')}
        </Button>
      )}
      {hiddenCount > 0 && (
        <Button size="compact-xs" variant="subtle" onClick={() => setOpen(true)}>
          Show {formatQuantity(hiddenCount, 'other file')}
        </Button>
      )}
    </div>
  )
}

function UploadState({ upload, canResume }: { upload: StoredUpload; canResume: boolean }) {
  return (
    <>
      {!isComplete(upload) &&
        `; ${formatPercent(upload.receivedBytes / upload.sizeBytes)} uploaded, ${canResume ? 'choose the same file to resume' : FROM_ELSEWHERE}`}
      {upload.runId !== null && (
        <>
          ;{' '}
          <Link href={paths.loadRun(upload.runId)}>{isComplete(upload) ? 'a load has it' : 'a load waits for it'}</Link>
        </>
      )}
    </>
  )
}

const FROM_ELSEWHERE = 'by another browser or before a sign-out, so the same file starts over here'

function isUsable(upload: StoredUpload): boolean {
  return isComplete(upload) && upload.runId === null
}

/** Those that this tab sends for a run are not of an earlier visit. */
function useUploadIdsOfTab(userId: string): ReadonlySet<string> {
  const { uploads } = useUploads(userId)
  return new Set(uploads.flatMap(({ uploadId }) => uploadId ?? []))
}
