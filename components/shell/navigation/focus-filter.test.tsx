// @vitest-environment happy-dom
import { cleanup, screen } from '@testing-library/react'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { FilterField } from '@/components/ui/controls/filter-field'
import { render } from '@/testing/components/render'
import { focusFilter } from './focus-filter'

beforeEach(() => {
  // happy-dom has no layout: everything counts as visible.
  vi.spyOn(HTMLElement.prototype, 'checkVisibility').mockReturnValue(true)
})
afterEach(() => {
  cleanup()
  vi.restoreAllMocks()
})

const pressSlash = () => {
  const event = new KeyboardEvent('keydown', { key: '/', cancelable: true })
  focusFilter(event)
  return event
}

test('The / key focuses the filter of the catalog tree when the page has none', () => {
  render(<FilterField label="Filter 2 catalogs" value="" onChange={() => {}} hasSlashShortcut="fallback" />)
  expect(pressSlash().defaultPrevented).toBe(true)
  expect(document.activeElement).toBe(screen.getByRole('searchbox'))
})

test('The / key is left to the filter of the page, which listens itself', () => {
  render(
    <>
      <FilterField label="Filter 2 catalogs" value="" onChange={() => {}} hasSlashShortcut="fallback" />
      <FilterField label="Filter 5 entries" value="" onChange={() => {}} hasSlashShortcut />
    </>,
  )
  expect(pressSlash().defaultPrevented).toBe(false)
  expect(document.activeElement).toBe(document.body)
})
