// @vitest-environment happy-dom
import { cleanup, screen } from '@testing-library/react'
import { afterEach, beforeAll, expect, test, vi } from 'vitest'
import { render } from '@/testing/components/render'
import { RatioHistory } from './storage-history'

beforeAll(() => {
  vi.stubGlobal('matchMedia', () => ({ matches: false, addEventListener() {}, removeEventListener() {} }))
})
afterEach(cleanup)

function renderRatios(...ratios: number[]) {
  const history = ratios.map((ratio, index) => ({
    atMs: index * 3_600_000,
    plainBytes: ratio * 1_000_000,
    storedBytes: 1_000_000,
    unmeasuredCount: 0,
  }))
  render(<RatioHistory history={history} />)
}

test('The chart of the ratio says that its axis does not start at 0 only when it does not', () => {
  renderRatios(4.1, 4.2, 4.3)
  expect(screen.getByText('plain to stored; the axis does not start at 0')).toBeTruthy()
  cleanup()
  renderRatios(0.1, 5, 9)
  expect(screen.getByText('plain to stored')).toBeTruthy()
  cleanup()
  renderRatios()
  expect(screen.getByText('plain to stored')).toBeTruthy()
})
