import type { ChartNumbers } from '@/components/chart/numbers-table'
import type { Measure } from '@/components/chart/ticks'
import type { Compression } from '@/lib/contract/dashboards'
import { formatDay, formatTimeOfDay } from '@/lib/format/time'

type Level = Compression['levels'][number]

/** The table behind a chart of levels: a row for the beginning of each day, and one for the end of the period. */
export function levelNumbers(
  levels: readonly Level[],
  columns: readonly { name: string; measure: Measure; valueOf: (level: Level, index: number) => number | null }[],
): ChartNumbers {
  return {
    rowHeader: 'Time, UTC',
    columns: columns.map(({ name, measure }) => ({ name, measure })),
    rows: levels.map((level, index) => ({
      text: `${formatDay(level.atMs, 'UTC')} ${formatTimeOfDay(level.atMs, 'UTC')}`,
      csv: new Date(level.atMs).toISOString(),
      values: columns.map(({ valueOf }) => valueOf(level, index)),
    })),
  }
}
