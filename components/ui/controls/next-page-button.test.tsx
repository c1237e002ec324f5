// @vitest-environment happy-dom
import { cleanup, fireEvent, screen } from '@testing-library/react'
import { afterEach, expect, test, vi } from 'vitest'
import { render } from '@/testing/components/render'
import { NextPageButton } from './next-page-button'

afterEach(cleanup)

const QUERY = {
  hasNextPage: true,
  isFetchingNextPage: false,
  isFetchNextPageError: false,
  error: null,
  fetchNextPage: async () => {},
}

test('A list with more pages offers the next one', () => {
  const fetchNextPage = vi.fn(async () => {})
  render(<NextPageButton query={{ ...QUERY, fetchNextPage }}>Load older runs</NextPageButton>)
  expect(screen.queryByRole('alert')).toBeNull()
  fireEvent.click(screen.getByRole('button', { name: 'Load older runs' }))
  expect(fetchNextPage).toHaveBeenCalledOnce()
})

test('A page that could not be read is reported with the reason, and can be read again', () => {
  const failed = { ...QUERY, isFetchNextPageError: true, error: new Error('The storage did not answer in time.') }
  render(<NextPageButton query={failed}>Load older runs</NextPageButton>)
  expect(screen.getByRole('alert').textContent).toBe(
    'The next page could not be read: The storage did not answer in time.',
  )
  expect(screen.getByRole('button', { name: 'Load older runs' })).toBeTruthy()
})

test('A complete list has no button', () => {
  render(<NextPageButton query={{ ...QUERY, hasNextPage: false }}>Load older runs</NextPageButton>)
  expect(screen.queryByRole('button')).toBeNull()
})
