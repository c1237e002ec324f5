// @vitest-environment happy-dom
import { cleanup, screen, waitFor } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { useState } from 'react'
import { afterEach, expect, it, vi } from 'vitest'
import { render } from '@/components/ui/render'
import { paths } from '@/lib/paths'
import { Tree } from './tree'
import { type Inside, treeRows } from './tree-rows'

const push = vi.hoisted(() => vi.fn())
vi.mock('next/navigation', () => ({ useRouter: () => ({ push }) }))

// Nothing is laid out here, so every line counts as in sight.
vi.mock('@tanstack/react-virtual', () => ({
  useVirtualizer: ({ count }: { count: number }) => ({
    getTotalSize: () => count * 26,
    getVirtualItems: () => Array.from({ length: count }, (_, index) => ({ index, start: index * 26 })),
    scrollToIndex: () => {},
  }),
}))

afterEach(() => {
  cleanup()
  push.mockReset()
})

const lake = paths.catalog('lake')
const demo = paths.namespace('lake', ['demo'])
const insides = new Map<string, Inside>([
  [
    lake,
    {
      state: 'read',
      namespaces: [{ namespace: ['demo'], namespaceCount: 0, tableCount: 2, viewCount: 0 }],
      tables: [],
      views: [],
      moreCount: 0,
    },
  ],
  [demo, { state: 'read', namespaces: [], tables: ['birdstrikes', 'flights'], views: [], moreCount: 0 }],
])

function Lake() {
  const [expanded, setExpanded] = useState<ReadonlySet<string>>(new Set([lake]))
  const toggle = (id: string, open: boolean) =>
    setExpanded(new Set(open ? [...expanded, id] : [...expanded].filter((one) => one !== id)))
  const rows = treeRows({ catalogs: ['lake'], insides, expanded })
  return <Tree rows={rows} selectedId={demo} onToggle={toggle} label="Lake" />
}

const line = (name: RegExp) => screen.getByRole('treeitem', { name })
const isFocused = (name: RegExp) => waitFor(() => expect(document.activeElement).toBe(line(name)))

it('tells level, place among siblings and what is open', () => {
  render(<Lake />)
  expect(screen.getByRole('tree', { name: 'Lake' })).toBeTruthy()
  expect(line(/^lake/).getAttribute('aria-expanded')).toBe('true')
  expect(line(/^demo/).getAttribute('aria-expanded')).toBe('false')
  expect(line(/^demo/).getAttribute('aria-level')).toBe('2')
  expect(line(/^demo/).getAttribute('aria-setsize')).toBe('1')
  expect(line(/^demo/).getAttribute('aria-selected')).toBe('true')
})

it('is one stop for Tab: the line that is selected', () => {
  render(<Lake />)
  expect(screen.getAllByRole('treeitem').map((one) => one.tabIndex)).toEqual([-1, 0])
})

it('opens, goes in, goes out and closes by arrows', async () => {
  render(<Lake />)
  line(/^demo/).focus()
  await userEvent.keyboard('{ArrowRight}')
  expect(line(/^demo/).getAttribute('aria-expanded')).toBe('true')
  await userEvent.keyboard('{ArrowRight}')
  await isFocused(/^birdstrikes/)
  await userEvent.keyboard('{ArrowLeft}')
  await isFocused(/^demo/)
  await userEvent.keyboard('{ArrowLeft}')
  expect(screen.queryByRole('treeitem', { name: /^flights/ })).toBeNull()
})

it('goes to a line by its first letter and to its page with Enter', async () => {
  render(<Lake />)
  line(/^demo/).focus()
  await userEvent.keyboard('{ArrowRight}f')
  await isFocused(/^flights/)
  await userEvent.keyboard('{Enter}')
  expect(push).toHaveBeenCalledWith(paths.table({ catalog: 'lake', namespace: ['demo'], table: 'flights' }))
})
