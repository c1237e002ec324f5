'use client'
import { Button } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import Link from 'next/link'
import { useState } from 'react'
import { rejectedRecordsUrl } from '@/lib/api/file-bytes-url'
import { dropHeldFiles, useHeldFiles } from '@/lib/client/uploads/held-files'
import { type StoredUpload, uploadsQuery } from '@/lib/client/uploads/list-uploads'
import { lazyComponent } from '@/components/ui/controls/lazy-component'
import { ProblemNote } from '@/components/ui/notes/problem-note'
import { SkeletonRows } from '@/components/ui/notes/skeleton-rows'
import { RelativeTime } from '@/components/ui/values/relative-time'
import { useSingleMutation } from '@/lib/client/call/use-single-mutation'
import { sessionQuery } from '@/lib/client/session/session'
import { useUploads } from '@/lib/client/uploads/use-uploads'
import { formatBytes } from '@/lib/format/bytes'
import { formatQuantity } from '@/lib/format/count'
import { formatPercent } from '@/lib/format/percent'
import { CSV_DEFAULTS } from '@/lib/ingest/csv-options'
import { isSameTable, type TableIdentifier } from '@/lib/names/identifiers'
import { paths } from '@/lib/paths/paths'
import classes from './more-rows.module.css'
import { toEditable } from './correction/editable-text'
import { toPastFiles } from './locations/location-files'
import { type Continued, isCorrection } from './past-choices'
import { AwaitedFiles } from './waiting/awaited-files'
import type { ValueSyntax } from './correction/replace-values'
import { listNames } from './load-state'
import { listStanding } from './run/corrections'
import type { LoadUploads } from './use-load-uploads'

const SHOWN_UPLOADS = 5

const LazyTypedRows = lazyComponent(async () => (await import('./correction/typed-rows')).TypedRows, {
  loading: () => <SkeletonRows rows={8} columns={1} label="Opening the rows" />,
})

/** Other sources of rows than the disk: a text, the rejected rows of an earlier load, and uploads of earlier visits. */
export function MoreRows({
  table,
  uploads,
  continued,
}: {
  table: TableIdentifier
  uploads: LoadUploads
  continued: Continued | null
}) {
  const [isTyping, setTyping] = useState(false)
  const [typedId, setTypedId] = useState<string | null>(null)
  const isUsed = uploads.files.some(({ id }) => id === typedId)
  const takeText = (name: string) => (text: string) => {
    // The changed text takes the position of the one before.
    if (typedId !== null && isUsed) uploads.remove(typedId)
    const [id] = uploads.add([new File([text], `${name}.${extensionOf(text)}`)])
    setTypedId(id ?? null)
  }
  if (continued !== null && isCorrection(continued))
    return (
      <CorrectedRows
        continued={continued}
        isUsed={isUsed}
        otherNames={uploads.files.flatMap(({ id, fileName }) => (isUsed && id === typedId ? [] : [fileName]))}
        onUse={takeText('corrected-rows')}
      />
    )
  return (
    <>
      {continued !== null && <FilesOfRun table={table} uploads={uploads} continued={continued} />}
      {continued === null && <HeldFiles table={table} uploads={uploads} />}
      <AwaitedFiles table={table} />
      {continued === null && <EarlierUploads table={table} uploads={uploads} />}
      {isTyping ? (
        <LazyTypedRows label="Rows" initialText="" isUsed={isUsed} onUse={takeText('pasted-rows')} />
      ) : (
        <div className={classes.line} data-opener>
          <Button size="xs" variant="subtle" onClick={() => setTyping(true)}>
            Paste rows
          </Button>
        </div>
      )}
    </>
  )
}

/** Pasted rows have no name: their first character tells the format. */
function extensionOf(text: string): string {
  const [first] = text.trimStart()
  return first === '[' ? 'json' : first === '{' ? 'ndjson' : 'csv'
}

function CorrectedRows({
  continued,
  isUsed,
  otherNames,
  onUse,
}: {
  continued: Continued
  isUsed: boolean
  /** The names of the other files of the load. */
  otherNames: readonly string[]
  onUse: (text: string) => void
}) {
  const { runId, past, rejectedText } = continued
  const count = formatQuantity(past.recordsSaved, 'rejected row')
  const editable = rejectedText === null ? null : toEditable(rejectedText)
  return (
    <>
      <p className={classes.note}>
        <Link href={paths.loadRun(runId)}>The earlier load</Link> has loaded all other rows
        {listStanding(past).length > 0 && ', and another load corrects its rejected ones'}. Correct its {count}
        {editable === null
          ? ` in a file, and add that file: they ${rejectedText === null ? 'are too many for this page' : 'have line ends that this page would change'}.`
          : ', or remove lines that should not be loaded.'}{' '}
        <a href={rejectedRecordsUrl(runId)} download={`rejected-${runId}.${past.format === 'csv' ? 'csv' : 'ndjson'}`}>
          Download them
        </a>
      </p>
      {editable !== null && (
        <LazyTypedRows
          label="Rejected rows"
          initialText={editable.text}
          isUsed={isUsed}
          blocker={findBlocker(otherNames, isUsed)}
          onUse={(text) => onUse(editable.restore(text))}
          corrected={{ runId, syntax: toSyntax(past) }}
        />
      )}
    </>
  )
}

/** The rows of the text and those of a corrected file are the same: both would be loaded. */
function findBlocker(otherNames: readonly string[], isUsed: boolean): string | null {
  if (otherNames.length === 0) return null
  const names = listNames(otherNames)
  const files = otherNames.length === 1 ? 'it' : 'them'
  return isUsed
    ? `The load has these rows and ${names}. Remove one of them.`
    : `The load has ${names} instead of these rows. Remove ${files} to use the rows.`
}

function toSyntax({ format, csv }: Continued['past']): ValueSyntax {
  return format === 'csv' ? (csv ?? CSV_DEFAULTS) : 'json'
}

/** The files of a load that failed, which are still on the server unless they have expired. */
function FilesOfRun({
  table,
  uploads,
  continued: { runId, past, parent },
}: {
  table: TableIdentifier
  uploads: LoadUploads
  continued: Continued
}) {
  const query = useQuery(uploadsQuery(table))
  const ofRun = new Set(
    past.files.flatMap(({ input }) => (input !== null && 'uploadId' in input ? [input.uploadId] : [])),
  )
  const found = (query.data ?? []).filter((upload) => ofRun.has(upload.uploadId) && isComplete(upload))
  const used = new Set(uploads.files.map(({ uploadId }) => uploadId))
  const unused = found.filter(({ uploadId }) => !used.has(uploadId))
  const missingCount = query.data === undefined ? 0 : past.files.length - toPastFiles(past).length - found.length
  return (
    <p className={classes.note}>
      The choices are those of <Link href={paths.loadRun(runId)}>the earlier load</Link>, which changed nothing.{' '}
      {parent !== null && (
        <>
          Like that one, this load corrects the rows that <Link href={paths.loadRun(parent.runId)}>another one</Link>{' '}
          rejected.{' '}
        </>
      )}
      {missingCount > 0 && `${formatQuantity(missingCount, 'file')} of it must be added again.`}
      {unused.length > 0 && (
        <Button size="compact-xs" variant="default" onClick={() => uploads.addStored(unused)}>
          Add its {formatQuantity(unused.length, 'file')}
        </Button>
      )}
    </p>
  )
}

/** Files that were dropped on the page without a table, and not used since. */
function HeldFiles({ table, uploads }: { table: TableIdentifier; uploads: LoadUploads }) {
  const held = useHeldFiles().filter(({ target }) => target === null || isSameTable(target, table))
  if (held.length === 0) return null
  const [first] = held
  return (
    <p className={classes.note}>
      {held.length === 1
        ? `${first?.file.name} was dropped earlier and is in no load yet. `
        : `${formatQuantity(held.length, 'file')} were dropped earlier and are in no load yet. `}
      <Button
        size="compact-xs"
        variant="default"
        onClick={() => {
          const ids = uploads.add(held.map(({ file }) => file))
          if (ids.length > 0) dropHeldFiles(held.map(({ id }) => id))
        }}
      >
        Add {formatQuantity(held.length, 'file')}
      </Button>
    </p>
  )
}

/** Files that were uploaded for the table, and neither loaded nor proposed, for example before the page was left. */
function EarlierUploads({ table, uploads }: { table: TableIdentifier; uploads: LoadUploads }) {
  const query = useQuery(uploadsQuery(table))
  const removal = useSingleMutation({
    mutationFn: (uploadId: string) => uploads.removeStored(uploadId),
    onSettled: () => query.refetch(),
  })
  const used = new Set(uploads.files.map(({ uploadId }) => uploadId))
  const ofTab = useUploadIdsOfTab()
  const earlier = (query.data ?? []).filter(
    ({ uploadId, proposalId }) => proposalId === null && !used.has(uploadId) && !ofTab.has(uploadId),
  )
  if (uploads.files.length > 0 || earlier.length === 0) return null
  const complete = earlier.filter((upload) => isComplete(upload) && upload.runId === null)
  return (
    <div className={classes.note}>
      Uploaded earlier and not loaded:
      <ul className="bare-list">
        {earlier.slice(0, SHOWN_UPLOADS).map((upload) => (
          <li key={upload.uploadId}>
            {upload.fileName}, {formatBytes(upload.sizeBytes)}
            {!isComplete(upload) &&
              `; ${formatPercent(upload.receivedBytes / upload.sizeBytes)} uploaded, choose the same file to resume`}
            {upload.runId !== null && (
              <>
                ; <Link href={paths.loadRun(upload.runId)}>a load waits for it</Link>
              </>
            )}
            ; removed <RelativeTime atMs={upload.expiresAtMs} />{' '}
            {upload.runId === null && (
              <button
                type="button"
                className={classes.remove}
                aria-label={`Remove ${upload.fileName} now`}
                disabled={removal.isPending}
                onClick={() => removal.mutate(upload.uploadId)}
              >
                Remove now
              </button>
            )}
          </li>
        ))}
      </ul>
      {earlier.length > SHOWN_UPLOADS && (
        <p className="bare">and {formatQuantity(earlier.length - SHOWN_UPLOADS, 'other file')}</p>
      )}
      {removal.error && <ProblemNote error={removal.error} title="The upload was not removed" />}
      {complete.length > 0 && (
        <Button size="compact-xs" variant="default" onClick={() => uploads.addStored(complete)}>
          Add {formatQuantity(complete.length, 'file')}
        </Button>
      )}
    </div>
  )
}

/** Those that this tab sends for a run are not of an earlier visit. */
function useUploadIdsOfTab(): ReadonlySet<string> {
  const { data: session } = useQuery(sessionQuery())
  const { uploads } = useUploads(session?.userId ?? '')
  return new Set(uploads.flatMap(({ uploadId }) => uploadId ?? []))
}

function isComplete({ sizeBytes, receivedBytes }: StoredUpload): boolean {
  return receivedBytes === sizeBytes
}
