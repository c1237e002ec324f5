'use client'
import { useQuery } from '@tanstack/react-query'
import { parseAsInteger, useQueryState } from 'nuqs'
import { Unloaded } from '@/components/shell/unloaded'
import { AddressProblems, checkPosition } from '@/components/ui/notes/address-problems'
import { EmptyState } from '@/components/ui/notes/empty-state'
import { Panel } from '@/components/ui/panel'
import { type Column, DataTable } from '@/components/ui/table/data-table'
import { countColumn } from '@/components/ui/table/figure-columns'
import { deletePositionsQuery, type ShownFile, type StoredRows } from '@/lib/client/table/file-inspection'
import { formatCount, formatQuantity } from '@/lib/format/count'
import type { FilePositions } from '@/lib/scan/inspect/delete-positions'
import { FileName } from '../file-name'
import { baseName } from '../file-steps'
import { useFileTarget } from '../use-file-target'
import tableClasses from './column-table.module.css'
import { RangeTable } from './range-table'

/** The data files that a position delete file names, and the deleted rows of the chosen one. */
export function DeletePositions({ shown, stored }: { shown: ShownFile; stored: StoredRows }) {
  const query = useQuery(deletePositionsQuery(shown, stored))
  const { linkTo } = useFileTarget()
  const [chosenIndex, setChosenIndex] = useQueryState('chunk', parseAsInteger.withDefault(0))
  if (!query.isSuccess)
    return <Unloaded query={query} subject={shown.file} skeleton={[8, 3, 'Reading the positions']} />
  const { files, readCount, rowCount } = query.data
  const chosen = files[chosenIndex]
  const nameColumn: Column<FilePositions> = {
    id: 'file',
    header: 'Data file',
    weight: 'name',
    cell: ({ path }) => <FileName path={path} link={linkTo({ file: path })} />,
    sortBy: ({ path }) => path,
  }
  return (
    <>
      <AddressProblems checks={checkPosition('chunk', 'a data file of this list', files.length)} />
      <Panel
        title="Data files with deleted rows"
        subtitle={`${formatQuantity(files.length, 'data file')}, ${formatQuantity(readCount, 'delete')}`}
        flush
      >
        {files.length === 0 ? (
          <EmptyState>The file deletes nothing.</EmptyState>
        ) : (
          <div className={tableClasses.table}>
            <DataTable
              label="Data files with deleted rows"
              columns={[nameColumn, ...COLUMNS]}
              rows={files}
              rowKey={({ path }) => path}
              rowHeight={28}
              onOpen={(file) => void setChosenIndex(files.indexOf(file))}
              {...(chosen && { selectedKey: chosen.path })}
              scrolls
              stacks
            />
          </div>
        )}
        {readCount < rowCount && (
          <EmptyState>
            The first {formatCount(readCount)} of {formatQuantity(rowCount, 'delete')} are listed.
          </EmptyState>
        )}
      </Panel>
      {chosen && (
        <Panel
          title="Deleted positions"
          subtitle={`${formatQuantity(chosen.count, 'position')} of ${baseName(chosen.path)}`}
          flush
        >
          <RangeTable list={chosen} />
        </Panel>
      )}
    </>
  )
}

const COLUMNS: Column<FilePositions>[] = [
  countColumn('count', 'Deleted rows', ({ count }) => count, { weight: 'figure' }),
  { id: 'first', header: 'First', align: 'end', cell: ({ ranges }) => formatCount(ranges[0]?.first ?? 0) },
]
