import type { Column } from '@/components/ui/table/data-table'
import { VisibleText } from '@/components/ui/values/visible-text'

/** The partition of a file, or of a group of files. */
export function partitionColumn<Row extends { partition: string }>(): Column<Row> {
  return {
    id: 'partition',
    header: 'Partition',
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
    align: 'end',
    tableOnly: true,
    cell: ({ specId }) => specId,
    sortBy: ({ specId }) => specId,
  }
}
