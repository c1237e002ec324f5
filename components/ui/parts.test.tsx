// @vitest-environment happy-dom
import { cleanup, screen, waitFor } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { useState } from 'react'
import { afterEach, expect, it, vi } from 'vitest'
import { CopyButton } from './controls/copy-button'
import { EmptyState } from './notes/empty-state'
import { FigureStrip } from './values/figure-strip'
import { FilterField } from './controls/filter-field'
import { PageFooter } from './page-footer'
import { Panel } from './panel'
import { render } from '@/testing/components/render'
import { SegmentedChoice } from './controls/segmented-choice'
import { SidePanel } from './side-panel'
import { SkeletonRows } from './notes/skeleton-rows'

afterEach(cleanup)

it('names a panel by its heading', () => {
  render(
    <Panel title="Freshness" subtitle="vs. usual commit interval">
      all is well
    </Panel>,
  )
  expect(screen.getByRole('region', { name: 'Freshness' }).textContent).toContain('all is well')
  expect(screen.getByRole('heading', { name: 'Freshness', level: 2 })).toBeTruthy()
})

it('pairs each figure with its label', () => {
  render(<FigureStrip figures={[{ label: 'Rows', value: '3,000,000', note: '+5 in 24 h' }]} />)
  expect(screen.getByRole('term').textContent).toBe('Rows')
  expect(screen.getAllByRole('definition').map((definition) => definition.textContent)).toEqual([
    '3,000,000',
    '+5 in 24 h',
  ])
})

it('offers one next step when there is nothing', () => {
  render(<EmptyState action={<button type="button">Load data</button>}>No tables yet.</EmptyState>)
  expect(screen.getByText('No tables yet.')).toBeTruthy()
  expect(screen.getByRole('button', { name: 'Load data' })).toBeTruthy()
})

it('announces what is being read, and hides the placeholder shapes from screen readers', () => {
  render(<SkeletonRows rows={2} columns={3} label="Reading catalogs" />)
  expect(screen.getByRole('status').textContent).toBe('Reading catalogs')
})

it('chooses an option by keyboard or pointer', async () => {
  const onChange = vi.fn()
  render(
    <SegmentedChoice
      label="Range"
      value="a"
      onChange={onChange}
      options={[
        { value: 'a', label: '24 h' },
        { value: 'b', label: '7 d' },
      ]}
    />,
  )
  expect(screen.getByRole('radiogroup', { name: 'Range' })).toBeTruthy()
  await userEvent.click(screen.getByRole('radio', { name: '7 d' }))
  expect(onChange).toHaveBeenCalledWith('b')
})

it('closes a side panel by its button and by Escape', async () => {
  const onClose = vi.fn()
  render(
    <SidePanel title="delay" width={292} onClose={onClose}>
      <button type="button">inside</button>
    </SidePanel>,
  )
  expect(screen.getByRole('complementary', { name: 'delay' })).toBeTruthy()
  await userEvent.click(screen.getByRole('button', { name: 'Close' }))
  screen.getByRole('button', { name: 'inside' }).focus()
  await userEvent.keyboard('{Escape}')
  expect(onClose).toHaveBeenCalledTimes(2)
})

it('focuses the filter with the slash key and clears it with Escape', async () => {
  function Filter() {
    const [value, setValue] = useState('')
    return <FilterField label="Filter 5 entries" value={value} onChange={setValue} hasSlashShortcut />
  }
  render(<Filter />)
  const field = screen.getByRole('searchbox', { name: 'Filter 5 entries' })
  await userEvent.keyboard('/')
  expect(document.activeElement).toBe(field)
  await userEvent.keyboard('fli')
  expect(field).toHaveProperty('value', 'fli')
  await userEvent.keyboard('{Escape}')
  expect(field).toHaveProperty('value', '')
})

it('says when the browser does not allow copying', async () => {
  vi.spyOn(navigator.clipboard, 'writeText').mockRejectedValue(new Error('not allowed'))
  render(<CopyButton value="x" label="table name" />)
  await userEvent.click(screen.getByRole('button', { name: 'Copy table name' }))
  await waitFor(() => expect(screen.getByRole('status').textContent).toContain('does not allow'))
})

it('lists the keyboard shortcuts of a page', () => {
  render(<PageFooter keys={[{ keys: ['↵'], does: 'open' }]}>5 entries</PageFooter>)
  expect(screen.getByRole('contentinfo').textContent).toBe('5 entries↵open')
})
