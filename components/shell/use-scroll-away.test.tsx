// @vitest-environment happy-dom
import { cleanup, fireEvent, screen } from '@testing-library/react'
import { useRef } from 'react'
import { afterEach, expect, test } from 'vitest'
import { render } from '@/testing/components/render'
import { useScrollAway } from './use-scroll-away'

afterEach(cleanup)

function Frame() {
  const frame = useRef<HTMLDivElement>(null)
  useScrollAway(frame)
  return (
    <div ref={frame} data-testid="frame" data-scroll-away>
      <header>Header</header>
      <div data-testid="list" />
    </div>
  )
}

test('The header scrolls away with a list that has its own scroll area, and returns at its top', () => {
  render(<Frame />)
  const [frame, list] = [screen.getByTestId('frame'), screen.getByTestId('list')]
  let frameTop = 0
  // happy-dom has no layout, so it would let the frame scroll by more than its header.
  Object.defineProperty(frame, 'scrollTop', {
    get: () => frameTop,
    set: (top: number) => {
      frameTop = Math.min(48, top)
    },
  })
  Object.defineProperty(list, 'clientHeight', { value: 600 })
  const scrollList = (top: number) => {
    list.scrollTop = top
    fireEvent.scroll(list)
  }
  scrollList(30)
  expect(frame.scrollTop).toBe(30)
  scrollList(500)
  expect(frame.scrollTop).toBe(48)
  scrollList(490)
  expect(frame.scrollTop).toBe(48)
  scrollList(10)
  expect(frame.scrollTop).toBe(10)
  scrollList(0)
  expect(frame.scrollTop).toBe(0)
  scrollList(2000)
  scrollList(0)
  expect(frame.scrollTop, 'after a jump to the first row').toBe(48)
})
