'use client'
import { type Column, DataTable } from '@/components/ui/table/data-table'
import { bytesColumn } from '@/components/ui/table/figure-columns'
import { EmptyState } from '@/components/ui/notes/empty-state'
import { Panel } from '@/components/ui/panel'
import { RelativeTime } from '@/components/ui/values/relative-time'
import { Unknown } from '@/components/ui/values/unknown'
import type { LakeCommit } from '@/lib/contract/shapes/lake'
import { formatQuantity, formatCount, formatCountChange } from '@/lib/format/count'
import { TableLink, tableLabel } from '@/components/about/table-link'

const REWRITES = 'An overwrite replaces whole files: rows in them that did not change count as both removed and added.'
/** Longer lists are not sent. */
const MAX_COMMITS = 200
const NOT_IN_SUMMARY = 'not in the summary of this commit'

/** The commits behind the charts, newest first, with links to their tables at that snapshot. */
export function NewestCommits({ commits }: { commits: readonly LakeCommit[] }) {
  const subtitle =
    commits.length === MAX_COMMITS
      ? `the newest ${formatCount(commits.length)}`
      : formatQuantity(commits.length, 'commit')
  return (
    <Panel title="Commits in this period" subtitle={subtitle} flush>
      {commits.length === 0 ? (
        <EmptyState>No commits in this period. Choose a longer range.</EmptyState>
      ) : (
        <DataTable
          label="Commits in this period"
          columns={COLUMNS}
          rows={commits}
          rowKey={({ table, snapshotId }) => `${tableLabel(table)} ${snapshotId}`}
          rowHeight={28}
          stacks
        />
      )}
    </Panel>
  )
}

const COLUMNS: readonly Column<LakeCommit>[] = [
  { id: 'time', header: 'Time', sortBy: ({ atMs }) => atMs, cell: ({ atMs }) => <RelativeTime atMs={atMs} /> },
  {
    id: 'table',
    header: 'Table',
    weight: 'name',
    fills: true,
    sortBy: ({ table }) => tableLabel(table),
    cell: ({ table, snapshotId }) => <TableLink table={table} tab="snapshots" asOf={{ snapshotId }} />,
  },
  { id: 'operation', header: 'Operation', sortBy: ({ operation }) => operation, cell: ({ operation }) => operation },
  {
    id: 'rows',
    header: 'Rows',
    headerTitle: REWRITES,
    align: 'end',
    sortBy: ({ addedRows }) => addedRows,
    cell: (commit) => (
      <span title={commit.operation === 'overwrite' ? REWRITES : undefined}>
        <RowChange {...commit} />
      </span>
    ),
  },
  {
    id: 'files',
    header: 'Files added',
    align: 'end',
    sortBy: ({ addedFiles }) => addedFiles,
    cell: ({ addedFiles }) => (addedFiles === null ? <Unknown reason={NOT_IN_SUMMARY} /> : formatCount(addedFiles)),
  },
  bytesColumn('bytes', 'File bytes added', ({ addedBytes }) => addedBytes, { reason: NOT_IN_SUMMARY }),
  {
    id: 'writer',
    header: 'Writer',
    sortBy: ({ writer }) => writer,
    cell: ({ writer }) => <span className="secondary">{writer ?? <Unknown reason="writer not recorded" />}</span>,
  },
]

/** Added and removed rows, with signs. */
export function RowChange({ addedRows, removedRows }: Pick<LakeCommit, 'addedRows' | 'removedRows'>) {
  if (addedRows === null) return <Unknown reason={NOT_IN_SUMMARY} />
  return (
    <>
      {(addedRows > 0 || !removedRows) && (
        <span className={addedRows > 0 ? 'added' : 'quiet'}>{formatCountChange(addedRows)}</span>
      )}
      {removedRows !== null && removedRows > 0 && <span className="removed"> {formatCountChange(-removedRows)}</span>}
    </>
  )
}
