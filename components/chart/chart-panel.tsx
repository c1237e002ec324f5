'use client'
import { ActionIcon } from '@mantine/core'
import { Tooltip } from '@/components/ui/controls/tooltip'
import { IconChartBar, IconDownload, IconTable } from '@tabler/icons-react'
import { type ReactNode, useState } from 'react'
import { DataTable } from '@/components/ui/table/data-table'
import { downloadCsvFile } from '@/components/ui/download-file'
import { Panel } from '@/components/ui/panel'
import { Unknown } from '@/components/ui/values/unknown'
import { toCsv } from '@/lib/format/csv'
import classes from './chart.module.css'
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

/** A chart that can be shown as a table and downloaded as CSV. */
export function ChartPanel({
  title,
  subtitle,
  actions,
  legend,
  numbers,
  fileName,
  height,
  children,
}: {
  title: string
  subtitle?: string
  actions?: ReactNode
  /** A line above the chart. */
  legend?: ReactNode
  numbers: ChartNumbers
  /** Without the extension. */
  fileName: string
  /** The chart's height in pixels; the table is limited to about the same height. */
  height: number
  children: ReactNode
}) {
  const [isTable, setIsTable] = useState(false)
  const downloadCsv = () => {
    const header = [numbers.rowHeader, ...numbers.columns.map(({ name }) => name)]
    downloadCsvFile(
      `${fileName}.csv`,
      toCsv(
        header,
        numbers.rows.map(({ csv, values }) => [csv, ...values]),
      ),
    )
  }
  const ToggleIcon = isTable ? IconChartBar : IconTable
  const toggleLabel = isTable ? 'Show as chart' : 'Show as table'
  return (
    <Panel
      title={title}
      {...(subtitle !== undefined && { subtitle })}
      flush={isTable}
      actions={
        <>
          {actions}
          <Tooltip label={toggleLabel}>
            <ActionIcon
              aria-label={`${toggleLabel}: ${title}`}
              aria-pressed={isTable}
              onClick={() => setIsTable(!isTable)}
            >
              <ToggleIcon size={16} stroke={1.6} aria-hidden />
            </ActionIcon>
          </Tooltip>
          <Tooltip label="Download CSV">
            <ActionIcon aria-label={`Download CSV: ${title}`} onClick={downloadCsv}>
              <IconDownload size={16} stroke={1.6} aria-hidden />
            </ActionIcon>
          </Tooltip>
        </>
      }
    >
      {isTable ? (
        <div className={classes.scroll} style={{ maxHeight: height + 24 }}>
          <NumbersTable title={title} numbers={numbers} />
        </div>
      ) : (
        <>
          {legend !== undefined && <div className={classes.legendLine}>{legend}</div>}
          {children}
        </>
      )}
    </Panel>
  )
}

function NumbersTable({ title, numbers }: { title: string; numbers: ChartNumbers }) {
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
