// @vitest-environment happy-dom
import { cleanup, screen, waitFor } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { useState } from 'react'
import { afterEach, beforeAll, expect, it, vi } from 'vitest'
import { render } from '@/testing/components/render'
import { paths } from '@/lib/paths/paths'
import { Tree } from './tree'
import { type NodeContents, treeRows } from './tree-rows'

const push = vi.fn()

// happy-dom has no layout.
beforeAll(() => {
  vi.spyOn(HTMLElement.prototype, 'clientHeight', 'get').mockReturnValue(800)
})

afterEach(() => {
  cleanup()
  push.mockReset()
})

const lake = paths.catalog('lake')
const demo = paths.namespace('lake', ['demo'])
const contentsByHref = new Map<string, NodeContents>([
  [
    lake,
    {
      state: 'read',
      namespaces: [{ namespace: ['demo'], namespaceCount: 0, tableCount: 2, viewCount: 0 }],
      tables: [],
      views: [],
      badges: [],
      moreCount: 0,
    },
  ],
  [demo, { state: 'read', namespaces: [], tables: ['birdstrikes', 'flights'], views: [], badges: [], moreCount: 0 }],
])

function Lake() {
  const [expanded, setExpanded] = useState<ReadonlySet<string>>(new Set([lake]))
  const toggle = (id: string, open: boolean) =>
    setExpanded(new Set(open ? [...expanded, id] : [...expanded].filter((element) => element !== id)))
  const rows = treeRows({ catalogs: ['lake'], contentsByHref, expanded })
  return <Tree rows={rows} selectedId={demo} onToggle={toggle} label="Lake" />
}

const treeItem = (name: RegExp) => screen.getByRole('treeitem', { name })
const waitForFocus = (name: RegExp) => waitFor(() => expect(document.activeElement).toBe(treeItem(name)))

it('The tree exposes the level, the position among siblings and the expanded state', () => {
  render(<Lake />, { router: { push } })
  expect(screen.getByRole('tree', { name: 'Lake' })).toBeTruthy()
  expect(treeItem(/^lake/).getAttribute('aria-expanded')).toBe('true')
  expect(treeItem(/^demo/).getAttribute('aria-expanded')).toBe('false')
  expect(treeItem(/^demo/).getAttribute('aria-level')).toBe('2')
  expect(treeItem(/^demo/).getAttribute('aria-setsize')).toBe('1')
  expect(treeItem(/^demo/).getAttribute('aria-selected')).toBe('true')
})

it('The tree is a single tab stop: the selected row', () => {
  render(<Lake />, { router: { push } })
  expect(screen.getAllByRole('treeitem').map((element) => element.tabIndex)).toEqual([-1, 0])
})

it('The tree expands, enters, leaves and collapses a node with the arrow keys', async () => {
  render(<Lake />, { router: { push } })
  treeItem(/^demo/).focus()
  await userEvent.keyboard('{ArrowRight}')
  expect(treeItem(/^demo/).getAttribute('aria-expanded')).toBe('true')
  await userEvent.keyboard('{ArrowRight}')
  await waitForFocus(/^birdstrikes/)
  await userEvent.keyboard('{ArrowLeft}')
  await waitForFocus(/^demo/)
  await userEvent.keyboard('{ArrowLeft}')
  expect(screen.queryByRole('treeitem', { name: /^flights/ })).toBeNull()
})

it('The tree moves to a row by its first letter and opens its page with Enter', async () => {
  render(<Lake />, { router: { push } })
  treeItem(/^demo/).focus()
  await userEvent.keyboard('{ArrowRight}f')
  await waitForFocus(/^flights/)
  await userEvent.keyboard('{Enter}')
  expect(push).toHaveBeenCalledWith(paths.table({ catalog: 'lake', namespace: ['demo'], table: 'flights' }))
})
