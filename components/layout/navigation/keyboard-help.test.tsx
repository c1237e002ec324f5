// @vitest-environment happy-dom
import { cleanup, screen } from '@testing-library/react'
import { afterEach, beforeAll, expect, test, vi } from 'vitest'
import { render } from '@/testing/components/render'
import { KeyboardHelp } from './keyboard-help'

beforeAll(() => {
  vi.stubGlobal('matchMedia', () => ({ matches: false, addEventListener() {}, removeEventListener() {} }))
})
afterEach(cleanup)

test('The keyboard shortcuts include those of rows: open, details, copy and the column headers', async () => {
  render(<KeyboardHelp opened onClose={() => {}} />)
  const heading = await screen.findByRole('heading', { name: 'Rows of a table or a result' })
  const group = heading.parentElement?.textContent
  for (const words of ['Spacedetails of a row', 'Ctrl Ccopy', 'Ctrl HomeCtrl End', '↑from the first row'])
    expect(group).toContain(words)
})
