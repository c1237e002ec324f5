'use client'
import { Button } from '@mantine/core'
import Link from 'next/link'
import { useState } from 'react'
import { rejectedRecordsUrl } from '@/lib/api/file-bytes-url'
import { dropHeldFiles, useHeldFiles } from '@/lib/client/uploads/held-files'
import { lazyComponent } from '@/components/ui/controls/lazy-component'
import { SkeletonRows } from '@/components/ui/notes/skeleton-rows'
import { formatQuantity } from '@/lib/format/count'
import { CSV_DEFAULTS } from '@/lib/ingest/csv-options'
import { isSameTable, type TableIdentifier } from '@/lib/names/identifiers'
import { paths } from '@/lib/paths/paths'
import classes from './more-rows.module.css'
import { toEditable } from './correction/editable-text'
import { type Continued, isCorrection } from './past-choices'
import { findPastUploads } from './past-uploads'
import { isComplete } from '@/lib/client/uploads/use-listed-uploads'
import { AwaitedFiles } from './waiting/awaited-files'
import { EarlierUploads } from './waiting/earlier-uploads'
import { OtherContents } from './waiting/other-contents'
import type { ValueSyntax } from './correction/replace-values'
import { listNames } from './load-state'
import { listStanding } from './run/corrections'
import type { LoadUploads } from './use-load-uploads'

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
      {continued !== null && <FilesOfRun {...{ table, uploads, continued }} />}
      {continued === null && <HeldFiles table={table} uploads={uploads} />}
      <AwaitedFiles table={table} sent={uploads.sent} />
      <OtherContents uploads={uploads} />
      {continued === null && <EarlierUploads uploads={uploads} />}
      {isTyping ? (
        <LazyTypedRows label="Rows" initialText="" isUsed={isUsed} onUse={takeText('pasted-rows')} takesFocus />
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
  continued,
}: {
  table: TableIdentifier
  uploads: LoadUploads
  continued: Continued
}) {
  const { runId, parent } = continued
  const used = new Set(uploads.files.map(({ uploadId }) => uploadId))
  // A file that was added again has another id.
  const usedNames = new Set(uploads.files.map(({ fileName }) => fileName))
  const found = uploads.listed === undefined ? [] : findPastUploads(continued, uploads.listed)
  const others = found.filter(({ name, upload }) => !usedNames.has(name) && !used.has(upload?.uploadId ?? null))
  const unused = others.flatMap(({ upload }) => (upload !== null && isComplete(upload) ? [upload] : []))
  const missing = others.filter(({ upload }) => upload === null || !isComplete(upload))
  const them = missing.length === 1 ? 'it' : 'them'
  return (
    <p className={classes.note}>
      The choices are those of <Link href={paths.loadRun(runId)}>the earlier load</Link>, which changed nothing.{' '}
      {parent !== null && (
        <>
          Like that one, this load corrects the rows that <Link href={paths.loadRun(parent.runId)}>another one</Link>{' '}
          rejected. The corrected rows are in its files, which this page does not open: replace a file by a changed one,
          or <Link href={paths.loadAgain(table, parent.runId)}>correct the rejected rows again</Link>, as they came.{' '}
        </>
      )}
      {missing.length > 0 &&
        `The server no longer has all bytes of ${listNames(missing.map(({ name }) => name))}: choose ${them} again, or load without ${them}. `}
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
