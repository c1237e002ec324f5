// @vitest-environment happy-dom
import { MantineProvider } from '@mantine/core'
import { act, cleanup, render as renderAlone, screen, waitFor } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { useState } from 'react'
import { renderToString } from 'react-dom/server'
import { afterEach, expect, it, onTestFinished, vi } from 'vitest'
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

it('makes a side panel a modal dialog with the focus while it covers a narrow page', async () => {
  const setNarrow = stubNarrowWindow()
  const onClose = vi.fn()
  render(
    <>
      <button type="button">outside</button>
      <SidePanel title="Roll back main" width={292} onClose={onClose}>
        <input aria-label="Name" />
      </SidePanel>
    </>,
  )
  const panel = screen.getByRole('dialog', { name: 'Roll back main' })
  expect(panel.getAttribute('aria-modal')).toBe('true')
  expect(document.activeElement).toBe(panel)
  screen.getByRole('textbox', { name: 'Name' }).focus()
  await userEvent.keyboard('{Escape}')
  expect(onClose).toHaveBeenCalledTimes(1)
  act(() => setNarrow(false))
  expect(screen.getByRole('complementary', { name: 'Roll back main' })).toBe(panel)
  expect(panel.hasAttribute('aria-modal')).toBe(false)
})

it('leaves the focus in a dialog above the page when the code of a side panel arrives late', () => {
  render(
    <>
      <div role="dialog" aria-modal="true" aria-label="Palette">
        <input aria-label="Words" autoFocus />
      </div>
      <SidePanel title="Snapshot" width={292} takesFocus onClose={() => undefined}>
        empty
      </SidePanel>
    </>,
  )
  expect(document.activeElement).toBe(screen.getByRole('textbox', { name: 'Words' }))
})

it('hydrates a side panel of a narrow page as the server rendered it, and then makes it a dialog', () => {
  stubNarrowWindow()
  const page = (
    <MantineProvider env="test">
      <SidePanel title="Roll back main" width={292} onClose={() => undefined}>
        empty
      </SidePanel>
    </MantineProvider>
  )
  const container = document.body.appendChild(document.createElement('div'))
  container.innerHTML = renderToString(page)
  expect(screen.getByRole('complementary', { name: 'Roll back main' })).toBeTruthy()
  const onRecoverableError = vi.fn()
  renderAlone(page, { container, hydrate: true, onRecoverableError })
  expect(screen.getByRole('dialog', { name: 'Roll back main' })).toBeTruthy()
  expect(onRecoverableError).not.toHaveBeenCalled()
})

/** A window as narrow as a phone. Returns a function that makes it wide, or narrow again. */
function stubNarrowWindow(): (isNarrow: boolean) => void {
  const query = Object.assign(new EventTarget(), { matches: true })
  vi.stubGlobal('matchMedia', () => query)
  onTestFinished(() => void vi.unstubAllGlobals())
  return (isNarrow) => {
    query.matches = isNarrow
    query.dispatchEvent(new Event('change'))
  }
}

it('closes a side panel by Escape wherever the focus is, but not from an open menu', async () => {
  const onClose = vi.fn()
  render(
    <>
      <button type="button">outside</button>
      <button type="button" aria-expanded="true">
        menu
      </button>
      <SidePanel title="Row 5" width={292} onClose={onClose}>
        empty
      </SidePanel>
    </>,
  )
  screen.getByRole('button', { name: 'menu' }).focus()
  await userEvent.keyboard('{Escape}')
  expect(onClose).not.toHaveBeenCalled()
  screen.getByRole('button', { name: 'outside' }).focus()
  await userEvent.keyboard('{Escape}')
  expect(onClose).toHaveBeenCalledTimes(1)
})

it('closes only the panel with the focus when two are open, and otherwise the newest', async () => {
  const [closeFirst, closeSecond] = [vi.fn(), vi.fn()]
  render(
    <>
      <SidePanel title="first" width={292} onClose={closeFirst}>
        <button type="button">inside</button>
      </SidePanel>
      <SidePanel title="second" width={292} onClose={closeSecond}>
        empty
      </SidePanel>
    </>,
  )
  screen.getByRole('button', { name: 'inside' }).focus()
  await userEvent.keyboard('{Escape}')
  expect([closeFirst, closeSecond].map(({ mock }) => mock.calls.length)).toEqual([1, 0])
  screen.getByRole('button', { name: 'inside' }).blur()
  await userEvent.keyboard('{Escape}')
  expect([closeFirst, closeSecond].map(({ mock }) => mock.calls.length)).toEqual([1, 1])
})

it.each([
  ['stays', true],
  ['is rendered again', false],
])('returns the focus to the button that opened a side panel when it %s', async (_, isRetained) => {
  function Page() {
    const [isOpen, setOpen] = useState(false)
    return (
      <>
        {(isRetained || !isOpen) && (
          <button type="button" onClick={() => setOpen(true)}>
            Roll back
          </button>
        )}
        {isOpen && (
          <SidePanel title="Roll back main" width={292} onClose={() => setOpen(false)} takesFocus={isRetained}>
            empty
          </SidePanel>
        )}
      </>
    )
  }
  render(<Page />)
  for (const close of ['{Escape}', null]) {
    await userEvent.click(screen.getByRole('button', { name: 'Roll back' }))
    const panel = screen.getByRole('complementary', { name: 'Roll back main' })
    await waitFor(() => expect(panel.contains(document.activeElement)).toBe(true))
    if (close === null) await userEvent.click(screen.getByRole('button', { name: 'Close' }))
    else await userEvent.keyboard(close)
    await waitFor(() => expect(document.activeElement).toBe(screen.getByRole('button', { name: 'Roll back' })))
  }
})

it('returns the focus to the button of a menu whose item opened a side panel', async () => {
  function Page() {
    const [isMenuOpen, setMenuOpen] = useState(false)
    const [isOpen, setOpen] = useState(false)
    const open = () => {
      setMenuOpen(false)
      setOpen(true)
    }
    return (
      <>
        <button type="button" onClick={() => setMenuOpen(true)}>
          Actions
        </button>
        {isMenuOpen && (
          <div role="menu">
            <button type="button" role="menuitem" onClick={open}>
              Roll back
            </button>
          </div>
        )}
        {isOpen && (
          <SidePanel title="Roll back main" width={292} onClose={() => setOpen(false)} takesFocus>
            empty
          </SidePanel>
        )}
      </>
    )
  }
  render(<Page />)
  const button = screen.getByRole('button', { name: 'Actions' })
  await userEvent.click(button)
  screen.getByRole('menuitem').focus()
  await userEvent.keyboard('{Enter}')
  const panel = screen.getByRole('complementary', { name: 'Roll back main' })
  expect(document.activeElement).toBe(panel)
  await userEvent.keyboard('{Escape}')
  await waitFor(() => expect(document.activeElement).toBe(button))
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
