// @vitest-environment happy-dom
import { cleanup, screen } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { afterEach, expect, test, vi } from 'vitest'
import { HIDDEN_TREE_COOKIE, readCookie } from '@/lib/cookies'
import { render } from '@/testing/components/render'
import { ExploreFrame } from './explore-frame'

vi.mock('./catalog-tree', () => ({ CatalogTree: () => <nav aria-label="Catalogs" /> }))

afterEach(cleanup)

test('The catalog tree can be hidden and shown again, and the choice is stored', async () => {
  render(<ExploreFrame>page</ExploreFrame>)
  await userEvent.click(screen.getByRole('button', { name: 'Hide catalog tree' }))
  expect(screen.queryByRole('navigation', { name: 'Catalogs' })).toBeNull()
  expect(readCookie(HIDDEN_TREE_COOKIE)).toBe('1')
  expect(document.activeElement).toBe(screen.getByRole('button', { name: 'Show catalog tree' }))
  await userEvent.keyboard('{Enter}')
  expect(screen.getByRole('navigation', { name: 'Catalogs' })).toBeTruthy()
  expect(readCookie(HIDDEN_TREE_COOKIE)).toBeUndefined()
})

test('A hidden catalog tree stays hidden on the next page', () => {
  render(<ExploreFrame isInitiallyHidden>page</ExploreFrame>)
  expect(screen.queryByRole('navigation', { name: 'Catalogs' })).toBeNull()
})
