'use client'
import { DialogPopover } from '@/components/ui/controls/dialog-popover'
import type { LoadedMenuProps } from '@/components/ui/controls/lazy-menu'
import type { SearchState } from '@/lib/client/rows/read-state'
import { formatCount, formatQuantity } from '@/lib/format/count'
import classes from './search-report.module.css'

export type SearchReportProps = {
  search: SearchState
  /** Number of files in the snapshot. */
  fileCount: number
}

/** The parts of the table that the filter skipped, and which metadata ruled out a match. */
export function SearchReport({ opened, onChange, search, fileCount }: SearchReportProps & LoadedMenuProps) {
  const { progress, skipped } = search
  const { partition, 'null-counts': nullCounts, bounds } = skipped.files
  const groups = progress.skipped
  const lines: readonly { label: string; count: number; noun: string; rows: number }[] = [
    { label: 'Files by their partition', count: partition.files, noun: 'file', rows: partition.rows },
    { label: 'Files by their null counts', count: nullCounts.files, noun: 'file', rows: nullCounts.rows },
    { label: 'Files by their bounds', count: bounds.files, noun: 'file', rows: bounds.rows },
    { label: 'Row groups by statistics', ...toLine(groups.statistics) },
    { label: 'Row groups by a bloom filter', ...toLine(groups['bloom-filter']) },
    { label: 'Row groups by a dictionary', ...toLine(groups.dictionary) },
    { label: 'Row groups by the page index', ...toLine(groups['page-index']) },
  ]
  return (
    <DialogPopover
      opened={opened}
      onChange={onChange}
      label="How this was read"
      widthPx={380}
      position="top-end"
      isPadded
    >
      <table className={classes.report}>
        <caption>
          {formatCount(progress.filesSearched)} of {formatQuantity(fileCount, 'file')} searched, in{' '}
          {formatQuantity(progress.rowGroupsSearched, 'row group')}.
          {skipped.manifests > 0 && ` ${formatQuantity(skipped.manifests, 'manifest')} not read.`}
          {search.status !== 'complete' && ' More may follow.'}
        </caption>
        <thead>
          <tr>
            <th scope="col">Not read</th>
            <th scope="col">Parts</th>
            <th scope="col">Rows</th>
          </tr>
        </thead>
        <tbody>
          {lines.map(({ label, count, noun, rows }) => (
            <tr key={label} data-none={count === 0 || undefined}>
              <th scope="row">{label}</th>
              <td>{formatQuantity(count, noun)}</td>
              <td>{formatCount(rows)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </DialogPopover>
  )
}

function toLine({ rowGroups, rows }: { rowGroups: number; rows: number }) {
  return { count: rowGroups, noun: 'row group', rows }
}
