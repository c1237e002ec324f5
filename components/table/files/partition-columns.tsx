import type { Column } from '@/components/ui/table/data-table'
import { VisibleText } from '@/components/ui/values/visible-text'
import type { ListedPartition } from '@/lib/contract/table/files'

/** The partition of a file, or of a group of files. */
export function partitionColumn<Row extends { partition: string }>(): Column<Row> {
  return {
    id: 'partition',
    header: 'Partition',
    longTableWidth: 170,
    cell: ({ partition }) =>
      partition === '' ? (
        <span className="quiet">none</span>
      ) : (
        <code>
          <VisibleText>{partition}</VisibleText>
        </code>
      ),
    sortBy: ({ partition }) => partition,
  }
}

export function specColumn<Row extends { specId: number }>(): Column<Row> {
  return {
    id: 'spec',
    header: 'Spec',
    longTableWidth: 58,
    align: 'end',
    cell: ({ specId }) => specId,
    sortBy: ({ specId }) => specId,
  }
}

/** Mean size of the data files of a partition; 0 without data files. */
export function meanFileBytes({ dataBytes, dataFileCount }: ListedPartition): number {
  return dataFileCount === 0 ? 0 : dataBytes / dataFileCount
}
