// @vitest-environment happy-dom
import { cleanup, fireEvent, screen, waitFor } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { MAX_TABS } from '@/lib/client/query/query-tabs'
import { render } from '@/testing/components/render'
import { TabStrip } from './tab-strip'
import { useQueryLink } from '../saved/use-query-link'
import { useQueryTabs } from './use-query-tabs'

beforeEach(() => sessionStorage.clear())
afterEach(cleanup)

function Strip() {
  const model = useQueryTabs('u1', useQueryLink(), () => {})
  return (
    <>
      <TabStrip model={model} />
      <textarea
        aria-label="SQL"
        value={model.active.sql}
        onChange={({ currentTarget }) => model.change(model.active.id, { sql: currentTarget.value, cursor: 0 })}
      />
    </>
  )
}

const labels = () => screen.getAllByRole('tab').map((tab) => tab.textContent)
const tab = (name: string) => screen.getByRole('tab', { name })
const add = () => userEvent.click(screen.getByRole('button', { name: 'New tab' }))
const write = (sql: string) => userEvent.type(screen.getByRole('textbox', { name: 'SQL' }), sql)

/** Three tabs, the last active. */
async function renderThree() {
  render(<Strip />)
  await write('one')
  await add()
  await write('two')
  await add()
  await write('three')
}

test('Each tab has a text of its own', async () => {
  await renderThree()
  expect(labels()).toEqual(['untitled 1', 'untitled 2', 'untitled 3'])
  await userEvent.click(tab('untitled 1'))
  expect(screen.getByRole('textbox', { name: 'SQL' })).toHaveProperty('value', 'one')
  expect(tab('untitled 1').getAttribute('aria-selected')).toBe('true')
  expect(screen.getAllByRole('tab').map(({ tabIndex }) => tabIndex)).toEqual([0, -1, -1])
})

test('Arrows, Home and End show another tab and take the focus there', async () => {
  await renderThree()
  tab('untitled 3').focus()
  await userEvent.keyboard('{ArrowRight}')
  await waitFor(() => expect(document.activeElement).toBe(tab('untitled 1')))
  await userEvent.keyboard('{End}')
  await waitFor(() => expect(document.activeElement).toBe(tab('untitled 3')))
  await userEvent.keyboard('{ArrowLeft}')
  expect(screen.getByRole('textbox', { name: 'SQL' })).toHaveProperty('value', 'two')
})

test('Delete closes a tab, which can be reopened', async () => {
  await renderThree()
  tab('untitled 3').focus()
  await userEvent.keyboard('{Delete}')
  expect(labels()).toEqual(['untitled 1', 'untitled 2'])
  await waitFor(() => expect(document.activeElement).toBe(tab('untitled 2')))
  await userEvent.click(screen.getByRole('button', { name: 'Reopen untitled 3' }))
  expect(labels()).toEqual(['untitled 1', 'untitled 2', 'untitled 3'])
  expect(screen.getByRole('textbox', { name: 'SQL' })).toHaveProperty('value', 'three')
})

test('The pointer closes a tab at its cross or with the middle button', async () => {
  await renderThree()
  const cross = tab('untitled 2').querySelector('[data-close]')
  if (cross === null) throw new Error('the tab has no cross')
  await userEvent.click(cross)
  expect(labels()).toEqual(['untitled 1', 'untitled 3'])
  fireEvent(tab('untitled 1'), new MouseEvent('auxclick', { button: 1, bubbles: true }))
  expect(labels()).toEqual(['untitled 3'])
})

test('F2 renames a tab, Escape keeps the name, and an empty name gives the number back', async () => {
  await renderThree()
  tab('untitled 3').focus()
  await userEvent.keyboard('{F2}')
  await userEvent.keyboard('delays{Enter}')
  await waitFor(() => expect(document.activeElement).toBe(tab('delays')))
  await userEvent.keyboard('{F2}other{Escape}')
  expect(labels()).toContain('delays')
  await waitFor(() => expect(document.activeElement).toBe(tab('delays')))
  await userEvent.keyboard('{F2}{Backspace}{Enter}')
  expect(labels()).toContain('untitled 3')
})

test('Ctrl Shift and an arrow move a tab', async () => {
  await renderThree()
  tab('untitled 3').focus()
  await userEvent.keyboard('{Control>}{Shift>}{ArrowLeft}{/Shift}{/Control}')
  expect(labels()).toEqual(['untitled 1', 'untitled 3', 'untitled 2'])
})

test('The menu duplicates a tab and closes the others', async () => {
  await renderThree()
  const openMenu = () => userEvent.click(screen.getByRole('button', { name: / options$/ }))
  await openMenu()
  await userEvent.click(await screen.findByRole('menuitem', { name: 'Duplicate' }))
  expect(labels()).toHaveLength(4)
  expect(screen.getByRole('textbox', { name: 'SQL' })).toHaveProperty('value', 'three')
  await openMenu()
  await userEvent.click(await screen.findByRole('menuitem', { name: 'Close others' }))
  expect(labels()).toEqual(['untitled 4'])
})

test('No more tabs are opened than are allowed', async () => {
  render(<Strip />)
  for (let i = 0; i <= MAX_TABS; i++) fireEvent.click(screen.getByRole('button', { name: 'New tab' }))
  expect(labels()).toHaveLength(MAX_TABS)
  expect(screen.getByRole('button', { name: 'New tab' }).getAttribute('aria-disabled')).toBe('true')
})
