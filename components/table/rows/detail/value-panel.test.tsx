// @vitest-environment happy-dom
import { cleanup, screen, waitFor } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { enterText } from '@/testing/components/enter-text'
import { afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import type { Type } from '@/lib/iceberg/schema/types'
import type { RowValue } from '@/lib/scan/read/row-values'
import { render } from '@/testing/components/render'
import { MAX_JSON_CHARS, toPanelValue } from './panel-value'
import { ValuePanel } from './value-panel'

beforeAll(() => {
  vi.stubGlobal('matchMedia', () => ({ matches: false, addEventListener() {}, removeEventListener() {} }))
})
afterEach(cleanup)

function show(value: RowValue, type: Type = 'string') {
  const opened = toPanelValue('payload', type, value)
  if (opened === null) throw new Error('the value has no members')
  const onClose = vi.fn()
  render(<ValuePanel value={opened} row={4} onClose={onClose} />)
  return onClose
}
const line = (name: RegExp) => screen.getByRole('treeitem', { name })
const selectedLine = () => screen.getByRole('treeitem', { selected: true })
const search = () => screen.getByRole('searchbox', { name: 'Search names and values' })

describe('The panel of a value', () => {
  test('is offered for text with JSON, and for values with members', () => {
    const list: Type = { type: 'list', elementId: 1, element: 'int', elementRequired: false }
    expect(toPanelValue('a', 'string', ' {"a": [1]} ')).not.toBeNull()
    expect(toPanelValue('a', 'variant', '[1]')).not.toBeNull()
    expect(toPanelValue('a', list, [1])).not.toBeNull()
    for (const text of ['{"a": 1', '{"a": 1} rest', '{a: 1}', '[not json]', '{}', '[]', '17', '"text"', 'plain'])
      expect(toPanelValue('a', 'string', text), text).toBeNull()
    expect(toPanelValue('a', list, [])).toBeNull()
    expect(toPanelValue('a', 'long', 1n)).toBeNull()
  })

  test('keeps every digit of numbers in JSON text, and copies values and paths', async () => {
    const user = userEvent.setup()
    show('{"id": 9007199254740993, "price": 12345678901234567890.1200, "tags": {"a b": [null, "x"]}}')
    expect(line(/^id /).textContent).toContain('9007199254740993')
    expect(line(/^price /).textContent).toContain('12345678901234567890.1200')
    await user.click(line(/^1 .*"x"/))
    await user.click(screen.getByRole('button', { name: 'Copy path payload.tags["a b"][1]' }))
    expect(await navigator.clipboard.readText()).toBe('payload.tags["a b"][1]')
    await user.click(screen.getByRole('button', { name: 'Copy whole value' }))
    await waitFor(async () => expect(await navigator.clipboard.readText()).toContain('12345678901234567890.1200'))
  })

  test('finds names and values, expands what they are in, and goes through them with Enter', async () => {
    const user = userEvent.setup()
    const items = Array.from({ length: 100 }, (_, i) => i)
    show(JSON.stringify({ deep: { a: { b: { c: { Needle: 1 } } } }, items: [...items, { note: 'a needle here' }] }))
    expect(screen.queryByRole('treeitem', { name: /^Needle/ })).toBeNull()
    await enterText(search(), 'needle')
    expect((await screen.findByText('1 of 2')).getAttribute('role')).toBe('status')
    expect(selectedLine().textContent).toMatch(/^Needle/)
    await user.type(search(), '{Enter}')
    expect(screen.getByText('2 of 2')).toBeTruthy()
    // It is after the members that are shown at first.
    expect(selectedLine().textContent).toMatch(/^note/)
    await user.type(search(), '{Shift>}{Enter}{/Shift}')
    expect(screen.getByText('1 of 2')).toBeTruthy()
    await user.clear(search())
    await enterText(search(), 'absent')
    expect(await screen.findByText('no match')).toBeTruthy()
  })

  test('wraps long texts when asked', async () => {
    show('{"text": "a long text"}')
    await userEvent.click(screen.getByRole('checkbox', { name: 'Wrap' }))
    expect(screen.getByRole('tree').dataset.wraps).toBe('true')
  })

  test('says that a text is too long for a tree, and copies it', async () => {
    const text = `["${'x'.repeat(MAX_JSON_CHARS)}"]`
    show(text)
    expect(screen.getByText(/At most 1,048,576 are shown as a tree/)).toBeTruthy()
    expect(screen.queryByRole('tree')).toBeNull()
    await userEvent.click(screen.getByRole('button', { name: 'Copy whole value' }))
    await waitFor(async () => expect((await navigator.clipboard.readText()).length).toBe(text.length))
  })

  test('says that its search does not reach all members: it expands no more than a hundred levels', async () => {
    show(`${'['.repeat(150)}1${']'.repeat(150)}`)
    await enterText(search(), '1')
    expect(await screen.findByText('no match in the first members')).toBeTruthy()
  })
})
