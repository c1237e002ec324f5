// @vitest-environment happy-dom
import { cleanup, waitFor } from '@testing-library/react'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { ChartKind } from '@/lib/query/result-display'
import { render } from '@/testing/components/render'
import { chartData } from './chart-data'
import type { ChartSource } from './chart-source'
import { ResultPlot } from './result-plot'

beforeEach(() => {
  // The chart has the size of its container, which happy-dom does not lay out.
  vi.spyOn(HTMLElement.prototype, 'getBoundingClientRect').mockReturnValue(new DOMRect(0, 0, 800, 300))
})
afterEach(() => {
  cleanup()
  vi.restoreAllMocks()
})

const TICK = '.recharts-cartesian-axis-tick-value'
const ORIGINS = ['ORD', 'ATL', 'DFW']
/** Flights of three airports on three days. */
const source: ChartSource = {
  columns: [
    { name: 'd', type: 'date', sqlType: 'DATE' },
    { name: 'origin', type: 'string', sqlType: 'VARCHAR' },
    { name: 'flights', type: 'int', sqlType: 'INTEGER' },
  ],
  rowCount: 9,
  isTruncated: false,
  value: (row, column) => [11_000 + Math.floor(row / 3), ORIGINS[row % 3] ?? null, 300 + row][column] ?? null,
  text: (row, column) => ['day', ORIGINS[row % 3] ?? '', String(300 + row)][column] ?? '',
}

async function draw(kind: ChartKind, x: number, series: number | null, drawn = source) {
  const data = chartData({ kind, x, y: kind === 'histogram' ? [] : [2], series, aggregation: 'sum' }, drawn)
  const { container } = render(
    <ResultPlot
      kind={kind}
      data={data}
      colours={['var(--c1)', 'var(--c2)', 'var(--c3)']}
      xName="d"
      yName="flights"
      xScale={kind === 'line' ? 'days' : 'number'}
      height={300}
      marked={null}
      onSelect={() => {}}
    />,
  )
  await waitFor(() => expect(container.querySelector(TICK)).not.toBeNull())
  const textsOf = (selector: string) => [...container.querySelectorAll(selector)].map(({ textContent }) => textContent)
  return { container, textsOf }
}

const endLabels = (container: HTMLElement) => [...container.querySelectorAll('svg:has(> [class*=endLabel])')]

test('A line chart has a line of its own colour for each series, named at its end with its last value', async () => {
  const { container, textsOf } = await draw('line', 0, 1)
  const lines = [...container.querySelectorAll('.recharts-line-curve')]
  expect(lines.map((line) => line.getAttribute('stroke'))).toEqual(['var(--c1)', 'var(--c2)', 'var(--c3)'])
  // Three points each.
  expect(lines.map((line) => line.getAttribute('d')?.match(/[ML]/g))).toEqual([
    ['M', 'L', 'L'],
    ['M', 'L', 'L'],
    ['M', 'L', 'L'],
  ])
  await waitFor(() => expect(textsOf('[class*=endLabel]')).toEqual(['DFW 308', 'ATL 307', 'ORD 306']))
  // The mark before a label has the colour of its line.
  expect(endLabels(container).map((each) => each.querySelector('rect')?.getAttribute('fill'))).toEqual(
    lines.map((line) => line.getAttribute('stroke')),
  )
  expect(textsOf(TICK)).not.toContain('0')
})

test('Days that are close together have labels that do not overlap', async () => {
  const days = [11_000, 11_001, 11_300]
  const uneven: ChartSource = {
    ...source,
    value: (row, column) => (column === 0 ? (days[Math.floor(row / 3)] ?? null) : source.value(row, column)),
  }
  const { textsOf } = await draw('line', 0, 1, uneven)
  expect(textsOf(TICK).filter((text) => text.includes('-'))).toEqual(['2000-02-14', '2000-12-09'])
})

test('Lines that end in one point have labels below each other', async () => {
  const same: ChartSource = {
    ...source,
    value: (row, column) => (column === 2 && row >= 6 ? 300 : source.value(row, column)),
    text: (row, column) => (column === 2 && row >= 6 ? '300' : source.text(row, column)),
  }
  const { container } = await draw('line', 0, 1, same)
  await waitFor(() => expect(endLabels(container)).toHaveLength(3))
  const [first = 0, ...others] = endLabels(container)
    .map((label) => Number(label.getAttribute('y')))
    .toSorted((a, b) => a - b)
  expect(others.map((y) => Math.round(y - first))).toEqual([15, 30])
})

test('Bars have one bar for each series, and begin at zero', async () => {
  const { container, textsOf } = await draw('bar', 0, 1)
  expect(container.querySelectorAll('.recharts-bar-rectangle')).toHaveLength(9)
  expect(textsOf(TICK)).toContain('0')
  cleanup()
  const { container: sums } = await draw('bar', 1, null)
  expect(sums.querySelectorAll('.recharts-bar-rectangle')).toHaveLength(3)
})

test('A scatter plot has the points of each series in its colour, a histogram its ranges', async () => {
  const { container } = await draw('scatter', 0, 1)
  const colours = [...container.querySelectorAll('.recharts-scatter-symbol path')].map((mark) =>
    mark.getAttribute('fill'),
  )
  expect(colours.toSorted((a, b) => String(a).localeCompare(String(b)))).toEqual(
    ['1', '1', '1', '2', '2', '2', '3', '3', '3'].map((index) => `var(--c${index})`),
  )
  cleanup()
  const { container: histogram } = await draw('histogram', 2, null)
  expect(histogram.querySelectorAll('.recharts-bar-rectangle')).toHaveLength(9)
})

test('A long value at the end of a line is rounded within the panel, and its title has the whole', async () => {
  const long: ChartSource = {
    ...source,
    text: (row, column) => (column === 2 ? '306.1714126186487' : source.text(row, column)),
  }
  const { container } = await draw('line', 0, 1, long)
  await waitFor(() => expect(endLabels(container)).toHaveLength(3))
  expect(
    endLabels(container)
      .map((label) => label.querySelector('text')?.lastChild?.textContent ?? '')
      .toSorted(),
  ).toEqual(['ATL 306.171', 'DFW 306.171', 'ORD 306.171'])
  expect(endLabels(container).map((label) => label.querySelector('title')?.textContent)).toContain(
    'DFW 306.1714126186487',
  )
})
