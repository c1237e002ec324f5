// @vitest-environment happy-dom
import { cleanup, render, waitFor } from '@testing-library/react'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { TimeLines } from './time-lines'

beforeEach(() => {
  vi.spyOn(HTMLElement.prototype, 'getBoundingClientRect').mockReturnValue(new DOMRect(0, 0, 400, 200))
})
afterEach(() => {
  cleanup()
  vi.restoreAllMocks()
})

describe('A line over time', () => {
  it.each([
    [true, 2],
    [false, 0],
  ])('draws values that hold until the next point as steps: %s', async (isStepped, horizontalCount) => {
    const points = [1, 3, 2].map((value, index) => ({ atMs: index * 1_000, values: [value] }))
    const { container } = render(
      <TimeLines
        label="Rows"
        names={['rows']}
        colours={['red']}
        points={points}
        measure="count"
        isStepped={isStepped}
        emptyText=""
      />,
    )
    const path = await waitFor(() => {
      const found = container.querySelector('path.recharts-line-curve')?.getAttribute('d')
      if (!found) throw new Error('the line is not drawn yet')
      return found
    })
    const corners = [...path.matchAll(/[ML](-?[\d.]+),(-?[\d.]+)/g)].map(([, x, y]) => ({ x, y }))
    const segments = corners.slice(1).map((corner, index) => ({ from: corners[index], to: corner }))
    expect(segments.filter(({ from, to }) => from?.y === to.y && from?.x !== to.x)).toHaveLength(horizontalCount)
  })
})
