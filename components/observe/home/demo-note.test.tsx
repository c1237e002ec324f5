// @vitest-environment happy-dom
import { cleanup, screen } from '@testing-library/react'
import { afterEach, expect, it } from 'vitest'
import { render } from '@/testing/components/render'
import { DemoNote } from './demo-note'

afterEach(cleanup)

it('The note says that the history of the demo tables is invented', () => {
  render(<DemoNote tableCount={7} />)
  expect(screen.getByText(/7 demo tables have real data, but invented commit times and writers/)).toBeTruthy()
})

it('The note is absent from a lake without demo tables', () => {
  render(<DemoNote tableCount={0} />)
  expect(screen.queryByText(/demo/)).toBeNull()
})
