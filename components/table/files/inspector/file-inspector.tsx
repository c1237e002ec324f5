'use client'
import { toListing } from '@/components/ui/table/listing'
import { Button } from '@mantine/core'
import { IconTerminal2 } from '@tabler/icons-react'
import { useInfiniteQuery } from '@tanstack/react-query'
import Link from 'next/link'
import { parseAsStringLiteral, useQueryState } from 'nuqs'
import { Unloaded } from '@/components/shell/unloaded'
import { useShownTable } from '@/components/table/frame/shown-table'
import { CopyButton } from '@/components/ui/controls/copy-button'
import { SegmentedChoice } from '@/components/ui/controls/segmented-choice'
import { AddressProblems, quoteAddress } from '@/components/ui/notes/address-problems'
import { EmptyState } from '@/components/ui/notes/empty-state'
import { PathText } from '@/components/ui/values/path-text'
import { fileEntryQuery, type ShownFile, type StoredRows as StoredRowsFacts } from '@/lib/client/table/file-inspection'
import type { LiveFile } from '@/lib/contract/table/files'
import { AppError } from '@/lib/errors'
import { formatBytes, formatExactBytes } from '@/lib/format/bytes'
import { formatCount } from '@/lib/format/count'
import { paths } from '@/lib/paths/paths'
import { selectFromFile } from '@/lib/query/tables/select-from-file'
import { FILE_KINDS } from '../file-kinds'
import { DeletePositions } from './delete-positions'
import { FileEntry } from './file-entry'
import classes from './file-inspector.module.css'
import { ParquetInspector } from './parquet-inspector'
import { PuffinInspector } from './puffin-inspector'
import { StoredRows } from './stored-rows'

const VIEWS = ['positions', 'rows', 'chunks', 'columns', 'schema', 'keys', 'blobs', 'entry'] as const
type InspectorView = (typeof VIEWS)[number]

const VIEW_LABELS: Record<InspectorView, string> = {
  positions: 'Positions',
  rows: 'Rows',
  chunks: 'Heat map',
  columns: 'Columns',
  schema: 'Schema and ids',
  keys: 'Key-values',
  blobs: 'Blobs',
  entry: 'Manifest entry',
}

const PARQUET_VIEWS = ['chunks', 'columns', 'schema', 'keys'] as const

/** The views that a file has, beginning with the default. Formats other than Parquet have only the entry. */
function viewsOf({ format, content }: LiveFile): readonly InspectorView[] {
  const contents: readonly InspectorView[] =
    content === 'position-deletes' ? ['positions'] : content === 'equality-deletes' || format === 'avro' ? ['rows'] : []
  switch (format) {
    case 'parquet':
      return [...contents, ...PARQUET_VIEWS, 'entry']
    case 'avro':
      return [...contents, 'entry']
    case 'puffin':
      return ['blobs', 'entry']
    default:
      return ['entry']
  }
}

/** One data or delete file: its manifest entry and its content. */
export function FileInspector({ file, manifest }: { file: string; manifest: string | null }) {
  const { table, asOf, detail } = useShownTable()
  const shown: ShownFile = { table, asOf, file, manifest }
  const query = useInfiniteQuery(fileEntryQuery(shown))
  const [chosenView, setView] = useQueryState('view', parseAsStringLiteral(VIEWS))
  if (!query.isSuccess)
    return (
      <Unloaded
        query={query}
        subject={file}
        next={
          isNotFound(query.error)
            ? 'Choose a file in the list of the shown snapshot, or show another snapshot.'
            : undefined
        }
        className={classes.body}
        skeleton={[8, 4, 'Reading the manifest']}
      />
    )
  const [entry] = query.data.pages
  if (!entry) return <EmptyState>The manifest says nothing of this file.</EmptyState>
  const views = viewsOf(entry.file)
  const view = chosenView !== null && views.includes(chosenView) ? chosenView : (views[0] ?? 'entry')
  const { recordCount, content } = entry.file
  const stored: StoredRowsFacts = { format: entry.file.format === 'avro' ? 'avro' : 'parquet', recordCount }
  return (
    <div className={classes.page}>
      <FileHead
        file={entry.file}
        queryHref={
          entry.file.format === 'parquet'
            ? paths.query(selectFromFile(table, { path: entry.file.path, snapshotId: detail.shown.snapshotId }))
            : null
        }
      />
      <AddressProblems
        checks={{
          view: (value) =>
            views.some((one) => one === value)
              ? null
              : `${quoteAddress('view', value)} is not a view of this file. It has ${views.join(', ')}.`,
        }}
      />
      {views.length > 1 && (
        <div className={classes.views}>
          <SegmentedChoice
            label="View of the file"
            value={view}
            options={views.map((value) => ({ value, label: VIEW_LABELS[value] }))}
            onChange={(next) => void setView(next)}
          />
        </div>
      )}
      <div className={classes.body}>
        {view === 'entry' ? (
          <FileEntry
            entry={entry}
            listing={toListing(query, ({ columns }) => columns)}
            onMore={query.hasNextPage ? () => void query.fetchNextPage() : null}
            isLoadingMore={query.isFetchingNextPage}
          />
        ) : view === 'positions' ? (
          <DeletePositions shown={shown} stored={stored} />
        ) : view === 'rows' ? (
          <StoredRows
            shown={shown}
            stored={stored}
            title={content === 'equality-deletes' ? 'Deleted values' : 'Rows of the file'}
          />
        ) : view === 'blobs' ? (
          <PuffinInspector shown={shown} />
        ) : (
          <ParquetInspector shown={shown} view={view} />
        )}
      </div>
    </div>
  )
}

function FileHead({
  file,
  queryHref,
}: {
  file: LiveFile /** Null for a file that SQL cannot read. */
  queryHref: string | null
}) {
  return (
    <header className={classes.head}>
      <div className={classes.name}>
        <h2 className={classes.path}>
          <PathText>{file.path}</PathText>
        </h2>
        <CopyButton value={file.path} label="location of the file" />
        {queryHref !== null && (
          <Button
            component={Link}
            prefetch={false}
            href={queryHref}
            variant="default"
            className={classes.query}
            leftSection={<IconTerminal2 size={15} stroke={1.6} aria-hidden />}
          >
            Open in Query
          </Button>
        )}
      </div>
      <p className={classes.figures}>
        <span>{FILE_KINDS[file.content]}</span>
        <span>{file.format}</span>
        <span>
          <strong>{formatCount(file.recordCount)}</strong> {file.recordCount === 1 ? 'row' : 'rows'}
        </span>
        <span title={formatExactBytes(file.fileSizeBytes)}>
          <strong>{formatBytes(file.fileSizeBytes)}</strong> stored
        </span>
        {file.partition !== '' && (
          <span>
            partition <code>{file.partition}</code>
          </span>
        )}
        <span>sequence number {file.sequenceNumber}</span>
        {file.status === 'deleted' && <strong className={classes.deleted}>marked as deleted in its manifest</strong>}
      </p>
    </header>
  )
}

function isNotFound(error: Error | null): boolean {
  return error instanceof AppError && error.code === 'not-found'
}
