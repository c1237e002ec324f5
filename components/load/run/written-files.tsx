'use client'
import type { UseQueryResult } from '@tanstack/react-query'
import Link from 'next/link'
import { Unloaded } from '@/components/shell/unloaded'
import { EmptyState } from '@/components/ui/notes/empty-state'
import { Panel } from '@/components/ui/panel'
import { type Column, DataTable } from '@/components/ui/table/data-table'
import { Bytes } from '@/components/ui/values/bytes'
import { Count } from '@/components/ui/values/count'
import { Mono } from '@/components/ui/values/mono'
import type { AddedFiles } from '@/lib/contract/table/added-files'
import { AppError } from '@/lib/errors'
import { formatCount, formatQuantity } from '@/lib/format/count'
import { paths } from '@/lib/paths/paths'
import { toLoadCounts } from './load-progress'
import { PartitionSquares } from './partition-squares'
import type { TableLoad } from './table-load'
import classes from './written-files.module.css'

const TITLE = 'Files written'

type WrittenFilesProps = { run: TableLoad; snapshotId: string | null; added: UseQueryResult<AddedFiles> }

/** The files that the load added: their partitions as squares, and the newest. */
export function WrittenFiles({ run, snapshotId, added }: WrittenFilesProps) {
  if (snapshotId === null)
    return (
      <Panel title={TITLE}>
        <EmptyState>{withoutCommit(run)}</EmptyState>
      </Panel>
    )
  if (added.data === undefined)
    return (
      <Panel title={TITLE}>
        {added.error instanceof AppError && added.error.code === 'not-found' ? (
          <EmptyState>{added.error.message} The files that it added cannot be listed.</EmptyState>
        ) : (
          <Unloaded query={added} subject="The files of the load" skeleton={[6, 4, 'Reading manifests']} />
        )}
      </Panel>
    )
  return <AddedFilesPanel run={run} added={added.data} />
}

function withoutCommit(run: TableLoad): string {
  const { fileCount } = toLoadCounts(run)
  if (run.state === 'running')
    return fileCount === 0
      ? 'No file is written yet.'
      : `${formatQuantity(fileCount, 'data file')} so far. Their partitions are listed when they are committed.`
  return run.state === 'succeeded' ? 'No file was added.' : 'No file is written yet.'
}

function AddedFilesPanel({ run, added }: { run: TableLoad; added: AddedFiles }) {
  const { dataFileCount, deleteFileCount, partitionCount, partitionedBy, newestFiles, isTruncated } = added
  const isPartitioned = partitionedBy !== ''
  return (
    <Panel
      title={TITLE}
      flush
      subtitle={[
        ...(isPartitioned ? [`${formatQuantity(partitionCount, 'partition')}, ${partitionedBy}`] : []),
        ...(deleteFileCount > 0 ? [formatQuantity(deleteFileCount, 'delete file')] : []),
      ].join(', ')}
    >
      {isPartitioned && <PartitionSquares added={added} />}
      <div className={classes.files}>
        <DataTable
          label="Newest files"
          columns={toColumns(run, { isPartitioned, isTime: added.partitionTime !== null })}
          rows={newestFiles}
          rowKey={({ path }) => path}
          rowHeight={28}
          scrolls
        />
      </div>
      {(newestFiles.length < dataFileCount || isTruncated) && (
        <p className={classes.rest}>
          The newest {formatCount(newestFiles.length)} of {isTruncated ? 'more than ' : ''}
          {formatQuantity(dataFileCount, 'file')}.
        </p>
      )}
    </Panel>
  )
}

type NewestFile = AddedFiles['newestFiles'][number]

function toColumns(
  { table }: TableLoad,
  { isPartitioned, isTime }: { isPartitioned: boolean; isTime: boolean },
): Column<NewestFile>[] {
  const partition: Column<NewestFile> = {
    id: 'partition',
    header: 'Partition',
    cell: (file) => <Mono title={file.partition}>{isTime ? afterName(file.partition) : file.partition}</Mono>,
  }
  return [
    ...(isPartitioned ? [partition] : []),
    {
      id: 'file',
      header: 'Data file',
      fills: true,
      cell: ({ path }) => (
        <Link href={paths.file(table, path)} prefetch={false} title={path}>
          <code>{shortName(path)}</code>
        </Link>
      ),
    },
    { id: 'rows', header: 'Rows', align: 'end', cell: ({ recordCount }) => <Count value={recordCount} /> },
    {
      id: 'stored',
      header: 'File size',
      align: 'end',
      weight: 'figure',
      cell: ({ fileSizeBytes }) => <Bytes value={fileSizeBytes} />,
    },
  ]
}

/** The value of a label such as `date_day=2001-10-19`: the head of the panel names the field. */
function afterName(label: string): string {
  return label.slice(label.indexOf('=') + 1)
}

const HEAD_CHARS = 8
const TAIL_CHARS = 14

/** The files of a load differ in the end of their names. */
function shortName(path: string): string {
  const name = path.slice(path.lastIndexOf('/') + 1)
  return name.length <= HEAD_CHARS + TAIL_CHARS ? name : `${name.slice(0, HEAD_CHARS)}…${name.slice(-TAIL_CHARS)}`
}
