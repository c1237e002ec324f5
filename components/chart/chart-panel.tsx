'use client'
import { ActionIcon } from '@mantine/core'
import { Tooltip } from '@/components/ui/controls/tooltip'
import { IconChartBar, IconDownload, IconTable } from '@tabler/icons-react'
import { type ReactNode, useState } from 'react'
import { lazyComponent } from '@/components/ui/controls/lazy-component'
import { SkeletonRows } from '@/components/ui/notes/skeleton-rows'
import { downloadCsvFile } from '@/components/ui/download-file'
import { Panel } from '@/components/ui/panel'
import { toCsv } from '@/lib/format/csv'
import classes from './chart.module.css'
import type { ChartNumbers } from './numbers-table'

/** Most charts are only looked at. */
const LazyNumbersTable = lazyComponent(async () => (await import('./numbers-table')).NumbersTable, {
  loading: ({ numbers }) => (
    <SkeletonRows rows={Math.min(numbers.rows.length, 6)} columns={numbers.columns.length + 1} />
  ),
})

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
          <LazyNumbersTable title={title} numbers={numbers} />
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
