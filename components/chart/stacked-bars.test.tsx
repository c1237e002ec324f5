// @vitest-environment happy-dom
import { cleanup, fireEvent, screen } from '@testing-library/react'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { render } from '@/testing/components/render'
import type { ChartMark } from './event-marks'
import { type Stack, StackedBars } from './stacked-bars'

const HOUR_MS = 3_600_000
/** From 22:00 to 02:00: the second day begins with the third step. */
const STACKS = [
  [300, 100],
  [0, 0],
  [50, 0],
  [0, 25],
].map((values, hour) => ({ startMs: Date.UTC(2026, 10, 19, 22 + hour), values }))
const open = vi.fn<(stack: Stack, seriesIndex: number) => void>()
const select = vi.fn<(fromMs: number, toMs: number) => void>()

beforeEach(() => {
  vi.spyOn(Element.prototype, 'getBoundingClientRect').mockReturnValue(new DOMRect(0, 0, 400, 200))
})
afterEach(() => {
  cleanup()
  vi.restoreAllMocks()
  open.mockReset()
  select.mockReset()
})

function draw({ hasUnevenSteps = false, marks }: { hasUnevenSteps?: boolean; marks?: ChartMark[] } = {}) {
  const { container } = render(
    <StackedBars
      label="Rows by table"
      series={[
        { key: 'a', label: 'sales.orders', colour: 'red' },
        { key: 'b', label: 'demo.flights', colour: 'blue' },
      ]}
      stacks={STACKS}
      stepMs={HOUR_MS}
      hasUnevenSteps={hasUnevenSteps}
      measure="count"
      sumName="All tables"
      height={230}
      emptyText="No rows."
      onOpen={open}
      onSelect={select}
      {...(marks && { marks })}
    />,
  )
  const bars = [...container.querySelectorAll<SVGRectElement>('rect[fill="red"], rect[fill="blue"]')]
  return { chart: screen.getByRole('application', { name: 'Rows by table' }), bars, text: container.textContent }
}

test('A value is as high as its share of the axis, and stands on the values below it', () => {
  const { bars, text } = draw()
  const drawn = bars.map((bar) => ['fill', 'y', 'height'].map((name) => bar.getAttribute(name)))
  // The axis ends with 400, at 200 px.
  expect(drawn).toEqual([
    ['red', '50', '150'],
    ['blue', '0', '50'],
    ['red', '175', '25'],
    ['blue', '187.5', '12.5'],
  ])
  expect(text).toContain('400')
  expect(text).toContain('20 Nov')
})

test('A numbered event is above the first bar that begins after it, in room of its own', () => {
  const mark = { atMs: Date.UTC(2026, 10, 19, 22, 30), text: 'orders: rewrote files', number: 2 }
  const { bars, chart } = draw({ marks: [mark, { ...mark, atMs: Date.UTC(2026, 10, 20, 5) }] })
  expect(chart.querySelectorAll('rect[rx]')).toHaveLength(1)
  // The second of four bars has its middle at three eighths.
  expect(chart.querySelector('rect[rx]')?.parentElement?.getAttribute('x')).toBe('37.5%')
  expect(bars[1]?.getAttribute('y')).toBe('20')
})

test('The step under the mouse is explained from the top of its stack, without zeros', () => {
  const { chart } = draw()
  fireEvent.mouseMove(chart, { clientX: 10, clientY: 20 })
  const rows = ['demo.flights100', 'sales.orders300', 'All tables400']
  expect(chart.parentElement?.textContent).toContain(rows.join(''))
  fireEvent.mouseMove(chart, { clientX: 350, clientY: 20 })
  expect(screen.queryByText('sales.orders')).toBeNull()
  fireEvent.mouseLeave(chart)
  expect(screen.queryByText('All tables')).toBeNull()
})

test('Arrow keys move along the steps, and Enter opens the largest value of one', () => {
  const { chart } = draw()
  fireEvent.focus(chart)
  fireEvent.keyDown(chart, { key: 'ArrowRight' })
  expect(screen.getByText('19 Nov 23:00')).toBeTruthy()
  fireEvent.keyDown(chart, { key: 'End' })
  fireEvent.keyDown(chart, { key: 'ArrowRight' })
  expect(screen.getByText('20 Nov 01:00')).toBeTruthy()
  fireEvent.keyDown(chart, { key: 'Enter' })
  expect(open.mock.calls).toEqual([[STACKS[3], 1]])
  fireEvent.keyDown(chart, { key: 'Escape' })
  expect(screen.queryByText('20 Nov 01:00')).toBeNull()
})

test('Dragging over steps selects their time in either direction, and a click opens a value', () => {
  const { chart, bars } = draw()
  fireEvent.mouseDown(chart, { clientX: 250 })
  fireEvent.mouseMove(chart, { clientX: 150 })
  fireEvent.mouseMove(chart, { clientX: 50 })
  fireEvent.mouseUp(chart, { clientX: 50 })
  expect(select.mock.calls).toEqual([[STACKS[0]?.startMs, (STACKS[2]?.startMs ?? 0) + HOUR_MS]])
  expect(open).not.toHaveBeenCalled()

  fireEvent.mouseDown(chart, { clientX: 50 })
  fireEvent.mouseUp(chart, { clientX: 50 })
  fireEvent.click(bars[1] ?? chart)
  expect(open.mock.calls).toEqual([[STACKS[0], 1]])
  expect(select).toHaveBeenCalledTimes(1)
})

test('A step that begins at any time is named by its start and its end', async () => {
  const { chart } = draw({ hasUnevenSteps: true })
  fireEvent.keyDown(chart, { key: 'End' })
  expect(await screen.findByText('20 Nov 01:00 – 02:00')).toBeTruthy()
})
