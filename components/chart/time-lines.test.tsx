// @vitest-environment happy-dom
import { cleanup, fireEvent, screen } from '@testing-library/react'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { render } from '@/testing/components/render'
import { TimeLines } from './time-lines'

afterEach(() => {
  cleanup()
  vi.restoreAllMocks()
})

/** One second between points. The axis ends with 4, and is 200 px high. */
function draw(values: readonly (number | null)[], isStepped = false) {
  const { container } = render(
    <TimeLines
      label="Rows"
      names={['rows']}
      colours={['red']}
      points={values.map((value, index) => ({ atMs: index * 1_000, values: [value] }))}
      measure="count"
      height={230}
      isStepped={isStepped}
      emptyText="No rows are known."
    />,
  )
  return { path: container.querySelector('path')?.getAttribute('d'), text: container.textContent }
}

describe('A line over time', () => {
  it('is straight between points', () => {
    expect(draw([1, 4, 2]).path).toBe('M0,150L500,0L1000,100')
  })

  it('has steps for values that hold until the next point', () => {
    expect(draw([1, 4, 2], true).path).toBe('M0,150L500,150L500,0L1000,0L1000,100')
  })

  it('goes on dashed to what it comes to, on the same axes, and keeps its last value as its label', () => {
    const { container } = render(
      <TimeLines
        label="Rows"
        names={['rows', 'none']}
        colours={['red', 'blue']}
        points={[1, 2].map((value, index) => ({ atMs: index * 1_000, values: [value, null] }))}
        measure="count"
        height={230}
        ahead={{ toMs: 2_000, values: [4, null] }}
        emptyText=""
      />,
    )
    expect(container.querySelector('path[stroke="red"]:not([data-ahead])')?.getAttribute('d')).toBe('M0,150L500,100')
    const ahead = container.querySelectorAll('[data-ahead]')
    expect([...ahead].map((path) => path.getAttribute('d'))).toEqual(['M500,100L1000,0'])
    expect(screen.getByText('rows 2').parentElement?.getAttribute('x')).toBe('100%')
  })

  it('has a gap where a value is unknown, and says so', () => {
    const { path } = draw([4, null, 2, 3])
    expect(path).toBe('M0,0M666.67,100L1000,50')
    vi.spyOn(Element.prototype, 'getBoundingClientRect').mockReturnValue(new DOMRect(0, 0, 300, 200))
    fireEvent.mouseMove(screen.getByRole('application', { name: 'Rows' }), { clientX: 130 })
    expect(screen.getByText('unknown')).toBeTruthy()
  })

  it('has no labels that overlap or repeat when points are close together', () => {
    const minutes = [0, 0.2, 0.5, 44, 45, 46, 120]
    const { container } = render(
      <TimeLines
        label="Rows"
        names={['rows']}
        colours={['red']}
        points={minutes.map((minute) => ({ atMs: Date.UTC(2026, 10, 19, 8) + minute * 60_000, values: [1] }))}
        measure="count"
        height={230}
        emptyText=""
      />,
    )
    const labels = [...container.querySelectorAll('text')].filter(({ textContent }) => textContent?.includes(':'))
    expect(labels.map(({ textContent }) => textContent)).toEqual(['08:00', '08:46', '10:00'])
  })

  it('has its last value at its end', () => {
    expect(draw([1, 4, 23]).text).toMatch(/23$/)
  })

  it('says when no value is known', () => {
    expect(draw([null, null]).text).toContain('No rows are known.')
  })
})
