// @vitest-environment happy-dom
import { cleanup, screen, waitFor } from '@testing-library/react'
import { useRef } from 'react'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { render } from '@/testing/components/render'
import { useReachableScroll } from './use-reachable-scroll'

let scrollHeight: number

beforeEach(() => {
  // A browser reports the size of an element once it is observed.
  vi.stubGlobal(
    'ResizeObserver',
    class {
      readonly #report: () => void
      constructor(report: () => void) {
        this.#report = report
      }
      observe() {
        this.#report()
      }
      disconnect() {}
    },
  )
  vi.spyOn(HTMLElement.prototype, 'clientHeight', 'get').mockReturnValue(100)
  vi.spyOn(HTMLElement.prototype, 'scrollHeight', 'get').mockImplementation(() => scrollHeight)
})
afterEach(() => {
  cleanup()
  vi.restoreAllMocks()
  vi.unstubAllGlobals()
})

function Region({ hasButton }: { hasButton: boolean }) {
  const region = useRef<HTMLDivElement>(null)
  const tabIndex = useReachableScroll(region)
  return (
    <div ref={region} tabIndex={tabIndex} data-testid="region">
      {hasButton ? <button type="button">Open</button> : <p>Text</p>}
    </div>
  )
}

it('A region that scrolls takes the focus while nothing in it does', async () => {
  scrollHeight = 300
  const { rerender } = render(<Region hasButton={false} />)
  await waitFor(() => expect(screen.getByTestId('region').getAttribute('tabindex')).toBe('0'))
  rerender(<Region hasButton />)
  await waitFor(() => expect(screen.getByTestId('region').getAttribute('tabindex')).toBeNull())
})

it('A region that shows everything takes no focus', () => {
  scrollHeight = 100
  render(<Region hasButton={false} />)
  expect(screen.getByTestId('region').getAttribute('tabindex')).toBeNull()
})
