import { DataTable } from '@/components/ui/table/data-table'
import { Unknown } from '@/components/ui/values/unknown'
import { formatExact, formatValue } from './format-measure'
import type { Measure } from './ticks'

/** The numbers behind a chart. In a row, `text` is the time for people and `csv` the exact time. */
export type ChartNumbers = {
  /** Header of the first column. */
  rowHeader: string
  /** The other columns, with how their values are formatted. */
  columns: readonly { name: string; measure: Measure }[]
  rows: readonly { text: string; csv: string; values: readonly (number | null)[] }[]
}

/** The numbers behind a chart as a table. */
export function NumbersTable({ title, numbers }: { title: string; numbers: ChartNumbers }) {
  type Row = ChartNumbers['rows'][number] & { key: string }
  return (
    <DataTable<Row>
      label={title}
      // Two rows may have the same name, such as partitions of null and of the text “null”.
      rows={numbers.rows.map((row, index) => ({ ...row, key: String(index) }))}
      rowKey={({ key }) => key}
      rowHeight={28}
      columns={[
        { id: 'first', header: numbers.rowHeader, cell: ({ text }) => text, sortBy: ({ csv }) => csv },
        ...numbers.columns.map(({ name, measure }, index) => ({
          id: name,
          header: name,
          align: 'end' as const,
          sortBy: ({ values }: Row) => values[index] ?? null,
          cell: ({ values }: Row) => {
            const value = values[index] ?? null
            return value === null ? (
              <Unknown reason="not known" />
            ) : (
              <span className={value === 0 ? 'quiet' : undefined} title={formatExact(measure, value)}>
                {formatValue(measure, value)}
              </span>
            )
          },
        })),
      ]}
    />
  )
}
