'use client'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import Link from 'next/link'
import { useEffect, useRef, useState } from 'react'
import { ProgressBar } from '@/components/ui/values/progress-bar'
import { RelativeTime } from '@/components/ui/values/relative-time'
import { VisibleText } from '@/components/ui/values/visible-text'
import { sessionQuery } from '@/lib/client/session/session'
import { uploadsQuery } from '@/lib/client/uploads/list-uploads'
import { needsSession, type PageUpload } from '@/lib/client/uploads/page-upload'
import { useCanResume } from '@/lib/client/uploads/stored-uploads'
import { useUploads } from '@/lib/client/uploads/use-uploads'
import type { LoadWait } from '@/lib/contract/loads/load-wait'
import { formatBytes } from '@/lib/format/bytes'
import { formatCount, formatQuantity } from '@/lib/format/count'
import { formatDuration } from '@/lib/format/duration'
import { formatPercent } from '@/lib/format/percent'
import { formatList } from '@/lib/format/sentence'
import type { AppError } from '@/lib/errors'
import { paths } from '@/lib/paths/paths'
import type { TableLoad } from '../run/table-load'
import { EndedSession } from './ended-session'
import classes from './waiting-files.module.css'

/** For how long bytes that came mean that a tab still sends. */
const SENDING_MS = 15_000
const SHOWN_NAMES = 3

/**
 * The bytes that a load waits for, file by file, and how to go on when no tab sends them.
 *
 * @param props.sessionEnd why the page cannot read the run; null while it can
 */
export function WaitingFiles({
  run,
  wait,
  sessionEnd,
}: {
  run: TableLoad
  wait: LoadWait
  sessionEnd: AppError | null
}) {
  const { data: session } = useQuery(sessionQuery())
  const { store, uploads } = useUploads(session?.userId ?? '')
  const isAdvancing = useIsAdvancing(wait.receivedBytes)
  const { fileCount, incompleteCount, sizeBytes, receivedBytes, expiresAtMs, isOwn, files } = wait
  const ofTab = new Map(uploads.map((upload) => [upload.uploadId, upload]))
  const unsent = files.filter(({ uploadId }) => !ofTab.has(uploadId))
  const canResume = useCanResume(session?.userId ?? null)
  const isSentHere = files.some(({ uploadId }) => ofTab.has(uploadId))
  const paused = uploads.find((upload) => upload.awaitedBy === run.id && needsSession(upload))
  const hasEnded = sessionEnd !== null || paused !== undefined
  const hiddenCount = incompleteCount - files.length
  return (
    <section className={classes.wait} aria-label="Waiting for bytes">
      {hasEnded && (
        <EndedSession
          error={sessionEnd ?? paused?.failure ?? null}
          then={isSentHere ? 'the uploads go on where they stopped' : 'this page goes on'}
          withoutUser="The load fails by itself within a minute, and changes nothing."
        />
      )}
      <p className="bare" role="status">
        <b>Waiting for bytes.</b> The load begins by itself when the last byte is here. No other load waits for it.
      </p>
      <ul className={classes.files}>
        {files.map((file) => {
          const sent = ofTab.get(file.uploadId)
          return (
            <li key={file.uploadId}>
              <FileBytes file={file} sent={sent} onRetry={() => sent && store.retry(sent.id)} />
            </li>
          )
        })}
      </ul>
      <p className="bare secondary">
        {fileCount > 1 &&
          `${formatBytes(receivedBytes)} of ${formatBytes(sizeBytes)} are here, ${formatCount(fileCount - incompleteCount)} of ${formatQuantity(fileCount, 'file')} whole`}
        {fileCount > 1 &&
          (files.length > 0 && hiddenCount > 0 ? `; ${formatQuantity(hiddenCount, 'other file')} on the way. ` : '. ')}
        {isSentHere && !hasEnded && 'Keep this tab open until the last byte is sent. '}
        Without more bytes the load fails <RelativeTime atMs={expiresAtMs} />.
      </p>
      {isOwn && unsent.length > 0 && !hasEnded && (
        <p className={classes.stopped} role="status">
          {isAdvancing ? (
            'Another tab sends the bytes. Keep it open until the last one is here.'
          ) : !unsent.every(({ uploadId }) => canResume(uploadId)) ? (
            <>
              This browser cannot send {listNames(unsent)}: the {unsent.length === 1 ? 'upload was' : 'uploads were'}{' '}
              begun in another one, or before a sign-out. Go on there, or cancel this load and start it again with{' '}
              {unsent.length === 1 ? 'the file' : 'the files'}.
            </>
          ) : (
            <>
              This tab does not send {listNames(unsent)}, for example because it was reloaded. Unless another tab does,{' '}
              <Link href={paths.load(run.table)}>choose the same {unsent.length === 1 ? 'file' : 'files'} again</Link>:{' '}
              {unsent.length === 1 ? 'the upload goes on where it stopped' : 'the uploads go on where they stopped'},
              and this load begins with the last byte.
            </>
          )}
        </p>
      )}
    </section>
  )
}

/** Gives the files of a run that has ended back to the form, where they can be loaded again. */
export function TakenBackFiles({ run }: { run: TableLoad }) {
  const { data: session } = useQuery(sessionQuery())
  const { store, uploads } = useUploads(session?.userId ?? '')
  const client = useQueryClient()
  const isHeld = uploads.some(({ awaitedBy }) => awaitedBy === run.id)
  useEffect(() => {
    if (!isHeld) return
    store.takeBack(run.id)
    void client.invalidateQueries({ queryKey: uploadsQuery(run.table).queryKey })
  }, [store, client, run, isHeld])
  return null
}

function FileBytes({
  file: { fileName: name, sizeBytes, receivedBytes },
  sent,
  onRetry,
}: {
  file: LoadWait['files'][number]
  sent: PageUpload | undefined
  onRetry: () => void
}) {
  // The tab knows its own bytes earlier than the page asks the server.
  const hereBytes = Math.max(receivedBytes, sent?.sentBytes ?? 0)
  const share = sizeBytes === 0 ? 1 : hereBytes / sizeBytes
  return (
    <>
      <span className={classes.name}>
        <VisibleText>{name}</VisibleText>
      </span>
      <span className="secondary small">
        {formatBytes(hereBytes)} of {formatBytes(sizeBytes)}, {formatPercent(share)}
        {sent && <SentState sent={sent} onRetry={onRetry} />}
      </span>
      <ProgressBar label={`Upload of ${name}`} share={share} />
    </>
  )
}

function SentState({ sent, onRetry }: { sent: PageUpload; onRetry: () => void }) {
  const { state, failure, sizeBytes, sentBytes, bytesPerSecond } = sent
  if (state === 'failed')
    return (
      <span className={classes.failed} role="alert">
        {' '}
        {failure?.message}{' '}
        <button type="button" className={classes.retry} onClick={onRetry}>
          Try again
        </button>
      </span>
    )
  // The page says so above the files.
  if (needsSession(sent)) return null
  if (state === 'paused') return <>; goes on when the connection is back</>
  if (state === 'waiting') return <>; waits for the files before it</>
  return bytesPerSecond ? <>, {formatDuration(((sizeBytes - sentBytes) / bytesPerSecond) * 1000)} to go</> : null
}

/** Whether bytes came lately, as this page has seen. */
function useIsAdvancing(receivedBytes: number): boolean {
  const known = useRef(receivedBytes)
  const [isAdvancing, setAdvancing] = useState(false)
  useEffect(() => {
    if (receivedBytes === known.current) return
    known.current = receivedBytes
    setAdvancing(true)
    const timer = setTimeout(() => setAdvancing(false), SENDING_MS)
    return () => clearTimeout(timer)
  }, [receivedBytes])
  return isAdvancing
}

function listNames(files: LoadWait['files']): string {
  const names = files.slice(0, SHOWN_NAMES).map(({ fileName }) => fileName)
  const moreCount = files.length - names.length
  return formatList(moreCount > 0 ? [...names, formatQuantity(moreCount, 'other file')] : names)
}
