// @vitest-environment happy-dom
import { cleanup, fireEvent, screen } from '@testing-library/react'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { render } from '@/testing/components/render'
import { type EquationBar, EquationBars, type Piece } from './equation-bars'
import { signedScale } from './signed-scale'

const DAY_MS = 86_400_000
const START_MS = Date.UTC(2026, 10, 8)
const piece = (key: string, size: number, look: Piece['look'] = 'solid'): Piece => ({ key, colour: key, size, look })
const bar = (day: number, above: Piece[], below: Piece[] = [], mark = 0): EquationBar => ({
  startMs: START_MS + day * DAY_MS,
  endMs: START_MS + (day + 1) * DAY_MS,
  above,
  below,
  mark,
})
const BARS = [
  bar(0, [piece('teal', 60), piece('later', 40, 'hollow')]),
  bar(1, [], [piece('grey', 50), piece('back', 50, 'hollow')], 100),
]

beforeEach(() => {
  vi.spyOn(Element.prototype, 'getBoundingClientRect').mockReturnValue(new DOMRect(0, 0, 400, 200))
})
afterEach(() => {
  cleanup()
  vi.restoreAllMocks()
})

function draw({ isLog = false, lanes = [] as number[] } = {}) {
  const select = vi.fn<(fromMs: number, toMs: number) => void>()
  const { container } = render(
    <EquationBars
      label="Rows a day"
      bars={BARS}
      lanes={lanes.length === 0 ? [] : [{ name: 'Moved', colour: 'lane', values: lanes }]}
      lines={[{ atMs: START_MS + 1.5 * DAY_MS, text: 'rolled back', title: 'orders: rolled back' }]}
      gaps={[{ fromMs: START_MS + 0.5 * DAY_MS, toMs: START_MS + 9 * DAY_MS, text: 'remote: not read' }]}
      measure="count"
      isLog={isLog}
      height={248}
      tooltip={(index) => `day ${index}`}
      emptyText="Nothing."
      onSelect={select}
    />,
  )
  const pieces = [...container.querySelectorAll('[data-piece]')].map((rect) =>
    ['data-piece', 'y', 'height'].map((name) => rect.getAttribute(name)).join(' '),
  )
  return { container, pieces, select, chart: screen.getByRole('application', { name: 'Rows a day' }) }
}

describe('Bars of an equation', () => {
  it('stand on zero and hang below it, on one scale', () => {
    // 200 px below the texts of lines, from 100 to -100.
    expect(draw().pieces).toEqual(['teal 58 60', 'later 18 40', 'grey 118 50', 'back 168 50'])
  })

  it('have what is not known hatched over its real time', () => {
    const gap = draw().container.querySelector('[data-gap]')
    expect([gap?.getAttribute('x'), gap?.getAttribute('width')]).toEqual(['25%', '75%'])
    expect(gap?.textContent).toBe('remote: not read')
  })

  it('leave room for lanes with a scale of their own', () => {
    const { container } = draw({ lanes: [0, 96_000_000] })
    const lane = container.querySelector('rect[fill="lane"]')
    expect([lane?.getAttribute('y'), lane?.getAttribute('height')]).toEqual(['193.04', '24.96'])
    expect(container.textContent).toContain('100M')
  })

  it('have a tooltip by arrow keys, a line for an event, and a period for a drag', () => {
    const { chart, container, select } = draw()
    fireEvent.keyDown(chart, { key: 'End' })
    expect(screen.getByText('day 1')).toBeTruthy()
    expect(container.querySelector('line[stroke-dasharray]')?.getAttribute('x1')).toBe('75%')
    fireEvent.mouseDown(chart, { clientX: 350 })
    fireEvent.mouseMove(chart, { clientX: 50 })
    fireEvent.mouseUp(chart, { clientX: 50 })
    expect(select.mock.calls).toEqual([[START_MS, START_MS + 2 * DAY_MS]])
  })
})

describe('A scale above and below zero', () => {
  const axis = { areaPx: 100, isLog: false, measure: 'count' as const }

  it.each([
    [{ min: -15, max: 53 }, [-20, 0, 20, 40, 60]],
    [{ min: -623, max: 480 }, [-750, -500, -250, 0, 250, 500]],
    [{ min: 0, max: 0 }, [0, 1]],
    [{ min: -3, max: 0 }, [-3, -2, -1, 0]],
  ])('has round ticks from %o', (range, ticks) => {
    expect(signedScale(range, axis).ticks).toEqual(ticks)
  })

  it('gives each power the same room when it is logarithmic, and grows with the value', () => {
    const { ticks, yOf } = signedScale({ min: -200, max: 90_000 }, { ...axis, isLog: true })
    expect(ticks).toEqual([-1_000, -10, 0, 10, 1_000, 100_000])
    expect(yOf(-200)).toBeGreaterThan(yOf(0))
    expect(Math.abs(yOf(1_000) - yOf(100_000) - (yOf(10) - yOf(1_000)))).toBeLessThan(1)
    const bytes = signedScale({ min: 0, max: 5 * 1024 ** 3 }, { ...axis, measure: 'bytes', isLog: true })
    expect(bytes.ticks.at(-1)).toBe(1024 ** 4)
  })
})
