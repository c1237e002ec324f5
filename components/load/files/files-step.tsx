'use client'
import { Button } from '@mantine/core'
import { IconCheck } from '@tabler/icons-react'
import { memo, type ReactNode } from 'react'
import { ProblemNote } from '@/components/ui/notes/problem-note'
import { ProgressBar } from '@/components/ui/values/progress-bar'
import { needsSession, type PageUpload } from '@/lib/client/uploads/page-upload'
import { formatBytes } from '@/lib/format/bytes'
import { formatQuantity } from '@/lib/format/count'
import { formatDuration } from '@/lib/format/duration'
import { formatPercent } from '@/lib/format/percent'
import { sum } from '@/lib/sum'
import { FileDrop } from './file-drop'
import { FileLine } from './file-line'
import { FileLines } from './file-lines'
import classes from './files-step.module.css'
import { Step } from '../steps/step'
import step from '../steps/step.module.css'
import { EndedSession } from '../waiting/ended-session'
import { fileCountOf, type LocationFile } from '../locations/location-files'
import type { LocationFiles } from '../locations/use-location-files'
import type { LoadUploads } from '../use-load-uploads'

/**
 * The files of a load: they go up while the rest of the form is filled in.
 *
 * @param props.notes of single files, by their positions: uploads first
 * @param props.isOpen whether files are missing
 * @param props.children other sources of rows
 */
export function FilesStep({
  uploads,
  located,
  notes,
  isOpen,
  children,
}: {
  uploads: LoadUploads
  located: LocationFiles
  notes: ReadonlyMap<number, string>
  isOpen: boolean
  children: ReactNode
}) {
  const { files, problem } = uploads
  const isEmpty = files.length + located.files.length === 0
  const note = isEmpty ? 'they upload while you fill in the rest' : describeFiles(files, located.files)
  const failed = files.filter(({ state, failure: why }) => state === 'failed' && isRepeatable(why))
  // Bytes on their way are not announced, only the end.
  const isSettled = files.every(({ state }) => state === 'complete' || state === 'failed')
  return (
    <Step
      number={1}
      title="Files"
      note={
        <>
          <span role="status">{isSettled && note}</span>
          {!isSettled && note}
        </>
      }
      isOpen={isOpen}
      {...(files.length + located.files.length > 1 && {
        actions: (
          <>
            {failed.length > 1 && (
              <Button size="xs" variant="subtle" onClick={() => failed.forEach(({ id }) => uploads.retry(id))}>
                Try {formatQuantity(failed.length, 'file')} again
              </Button>
            )}
            <Button
              size="xs"
              variant="subtle"
              onClick={() => {
                files.forEach(({ id }) => uploads.remove(id))
                located.clear()
              }}
            >
              Remove all
            </Button>
          </>
        ),
      })}
    >
      <FileDrop isEmpty={isEmpty} onFiles={uploads.add}>
        <FileLines
          files={[...files, ...located.files]}
          isWrong={(file, i) => notes.has(i) || (isUpload(file) && isWrong(file))}
        >
          {(file, i) =>
            isUpload(file) ? (
              <UploadLine
                key={file.id}
                file={file}
                note={notes.get(i)}
                onRemove={uploads.remove}
                onRetry={uploads.retry}
              />
            ) : (
              <LocatedLine
                key={file.fileName}
                file={file}
                note={notes.get(i)}
                onRemove={() => located.remove(file.fileName)}
              />
            )
          }
        </FileLines>
      </FileDrop>
      <div className={classes.others}>{children}</div>
      {problem && (
        <div className={step.problem}>
          <ProblemNote {...problem} next={null} />
        </div>
      )}
    </Step>
  )
}

function isUpload(file: PageUpload | LocationFile): file is PageUpload {
  return !('input' in file)
}

/** The same bytes under the same name would be refused again. */
function isRepeatable(failure: PageUpload['failure']): boolean {
  return failure?.code !== 'invalid-request' && failure?.code !== 'too-large'
}

function isWrong(file: PageUpload): boolean {
  return file.state === 'failed' || needsSession(file)
}

function describeFiles(files: readonly PageUpload[], located: readonly LocationFile[]): string {
  if (located.length > 0) {
    const count = formatQuantity(files.length + fileCountOf(located), 'file')
    return `${count}, ${formatBytes(sum([...files, ...located].map((file) => file.sizeBytes ?? 0)))}`
  }
  const sizeBytes = sum(files.map((file) => file.sizeBytes))
  const sentBytes = sum(files.map((file) => file.sentBytes))
  const speed = sum(files.map(({ bytesPerSecond }) => bytesPerSecond ?? 0))
  const count = formatQuantity(files.length, 'file')
  if (sentBytes === sizeBytes) return `${count}, ${formatBytes(sizeBytes)} uploaded`
  return `${count}, ${formatBytes(sentBytes)} of ${formatBytes(sizeBytes)}${speed > 0 ? ` at ${formatBytes(speed)}/s` : ''}`
}

/** Drawn again only when its file changes: a load may have hundreds. */
const UploadLine = memo(function UploadLine({
  file,
  note,
  onRemove,
  onRetry,
}: {
  file: PageUpload
  note: string | undefined
  onRemove: (id: string) => void
  onRetry: (id: string) => void
}) {
  const { id, fileName: name, sizeBytes, sentBytes, state, failure } = file
  const share = sizeBytes === 0 ? 1 : sentBytes / sizeBytes
  return (
    <FileLine
      name={name}
      onRemove={() => onRemove(id)}
      state={
        state === 'complete' ? (
          <IconCheck size={15} stroke={1.6} aria-label="uploaded" />
        ) : (
          state !== 'failed' && <span className="strong">{formatPercent(share)}</span>
        )
      }
    >
      {state !== 'failed' && <ProgressBar label={`Upload of ${name}`} share={share} />}
      {state === 'failed' ? (
        <div className={classes.failed} role="alert">
          {failure?.message}{' '}
          {isRepeatable(failure) && (
            <button type="button" className={classes.retry} onClick={() => onRetry(id)}>
              Try again
            </button>
          )}
        </div>
      ) : needsSession(file) ? (
        <EndedSession
          error={failure}
          then="the upload resumes where it stopped"
          withoutUser="The upload stays until it expires."
        />
      ) : (
        <div className="secondary small">
          {describeState(file)}
          {note !== undefined && `; ${note}`}
        </div>
      )}
    </FileLine>
  )
})

function LocatedLine({ file, note, onRemove }: { file: LocationFile; note: string | undefined; onRemove: () => void }) {
  const { fileName: name, input, fileCount, sizeBytes } = file
  return (
    <FileLine name={name} onRemove={onRemove}>
      <div className="secondary small">
        {sizeBytes !== null &&
          `${'match' in input ? `${formatQuantity(fileCount, 'file')} now, ` : ''}${formatBytes(sizeBytes)}; `}
        {describeSource(input)}
        {note !== undefined && `; ${note}`}
      </div>
    </FileLine>
  )
}

function describeSource(input: LocationFile['input']): string {
  if ('url' in input) return 'fetched when the load starts'
  return 'match' in input ? 'listed when the load starts' : 'in its location'
}

function describeState({ state, sizeBytes, sentBytes, bytesPerSecond }: PageUpload): string {
  switch (state) {
    case 'waiting':
      return `${formatBytes(sizeBytes)}, waits for the files before it`
    case 'paused':
      return `${formatBytes(sentBytes)} of ${formatBytes(sizeBytes)}; resumes when the connection is back`
    case 'complete':
      return `${formatBytes(sizeBytes)} uploaded`
    default: {
      const left = bytesPerSecond ? `, ${formatDuration(((sizeBytes - sentBytes) / bytesPerSecond) * 1000)} to go` : ''
      return `${formatBytes(sentBytes)} of ${formatBytes(sizeBytes)}${left}`
    }
  }
}
