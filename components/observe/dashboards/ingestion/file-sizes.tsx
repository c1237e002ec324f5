'use client'
import { ChartPanel } from '@/components/chart/chart-panel'
import type { ChartNumbers } from '@/components/chart/numbers-table'
import { TimeLines } from '@/components/chart/time-lines'
import type { Ingestion } from '@/lib/contract/dashboards'
import { formatBytes } from '@/lib/format/bytes'
import { formatQuantity } from '@/lib/format/count'
import { formatPercent } from '@/lib/format/percent'
import { formatDate } from '@/lib/format/time'

const HEIGHT = 230
const NAMES = ['90%', 'median', '10%']
/** Between 90% and 10%. */
const BAND = [0, 2] as const
const COLOURS = ['var(--accent-line)', 'var(--c1)', 'var(--accent-line)']

/** How large the data files are that came in, against what their tables set. */
export function FileSizes({ files }: { files: Ingestion['files'] }) {
  const { steps, stepDays, target } = files
  const hasTarget = target !== null && target.leastBytes === target.mostBytes
  return (
    <ChartPanel
      title="Files that came in"
      subtitle={`${stepDays === 1 ? 'a day' : 'a week'}, UTC`}
      height={HEIGHT}
      fileName="ingestion-file-sizes"
      numbers={toNumbers(steps)}
    >
      <TimeLines
        label="Sizes of the data files that came in"
        names={hasTarget ? [...NAMES, 'target'] : NAMES}
        colours={hasTarget ? [...COLOURS, 'var(--text3)'] : COLOURS}
        points={steps.map(({ startMs, tenthBytes, medianBytes, ninetiethBytes }) => ({
          atMs: startMs,
          // The axis is that of powers of two. A day without files has no sizes, which is not a gap.
          values: [ninetiethBytes, medianBytes, tenthBytes, ...(hasTarget ? [target.leastBytes] : [])].map((bytes) =>
            Math.log2(Math.max(bytes, 1)),
          ),
        }))}
        band={BAND}
        measure="ratio"
        height={HEIGHT}
        fromZero={false}
        isByDay
        texts={{ tick: (power) => formatBytes(2 ** power), value: (power) => formatBytes(2 ** power) }}
        emptyText="No data files came in whose size is known."
      />
      <p className="bare secondary small">{summaryOf(files)}</p>
    </ChartPanel>
  )
}

function toNumbers(steps: Ingestion['files']['steps']): ChartNumbers {
  return {
    rowHeader: 'Time',
    columns: ['10%', 'Median', '90%'].map((name) => ({ name, measure: 'bytes' })),
    rows: steps.map(({ startMs, tenthBytes, medianBytes, ninetiethBytes }) => ({
      text: formatDate(startMs, 'UTC'),
      csv: new Date(startMs).toISOString(),
      values: [tenthBytes, medianBytes, ninetiethBytes],
    })),
  }
}

function summaryOf({ commits, smallCommits, smallBytes, target }: Ingestion['files']): string {
  const small =
    commits === 0
      ? 'No commit says how many files it brought.'
      : `${formatPercent(smallCommits / commits)} of ${formatQuantity(commits, 'commit')} brought files under ${formatBytes(smallBytes)}.`
  if (target === null) return small
  const { leastBytes, mostBytes } = target
  const targets =
    leastBytes === mostBytes ? formatBytes(leastBytes) : `${formatBytes(leastBytes)} to ${formatBytes(mostBytes)}`
  return `${small} Tables aim at ${targets}.`
}
