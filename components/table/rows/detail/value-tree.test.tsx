// @vitest-environment happy-dom
import { cleanup, fireEvent, screen, waitFor } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { render } from '@/testing/components/render'
import type { Type } from '@/lib/iceberg/schema/types'
import type { RowValue } from '@/lib/scan/read/row-values'
import { ValueTree } from './value-tree'

beforeAll(() => {
  vi.stubGlobal('matchMedia', () => ({ matches: false, addEventListener() {}, removeEventListener() {} }))
})
afterEach(cleanup)

const list = (element: Type): Type => ({ type: 'list', elementId: 9, element, elementRequired: false })
const LEG: Type = {
  type: 'struct',
  fields: [
    { id: 1, name: 'tail', required: false, type: 'string' },
    { id: 2, name: 'gates', required: false, type: list('long') },
    {
      id: 3,
      name: 'tags',
      required: false,
      type: {
        type: 'map',
        keyId: 4,
        key: 'string',
        valueId: 5,
        value: list(list(list('int'))),
        valueRequired: false,
      },
    },
  ],
}
const LEG_VALUE: RowValue = ['N1', [9007199254740993n, null], [['a b', [[[7]]]]]]

const lines = () => screen.getAllByRole('treeitem').map((item) => item.querySelector('span')?.textContent)
const line = (name: RegExp) => screen.getByRole('treeitem', { name })
const focused = () => document.activeElement?.textContent

function copiedText(): string | undefined {
  const data = new DataTransfer()
  fireEvent.copy(document.activeElement as Element, { clipboardData: data })
  return data.getData('text/plain')
}

describe('The tree of a nested value', () => {
  test('has exact values, types, levels and sizes', () => {
    render(<ValueTree name="leg" type={LEG} value={LEG_VALUE} />)
    expect(screen.getByRole('tree', { name: 'Members of leg' })).toBeTruthy()
    expect(lines()).toEqual([
      'tail string',
      'gates list<long>',
      '0 long',
      '1 long',
      'tags map<string, list<list<list<int>>>>',
      'a b list<list<list<int>>>',
      '0 list<list<int>>',
    ])
    expect(line(/9007199254740993/).getAttribute('aria-level')).toBe('2')
    expect(line(/^gates/).textContent).toContain('2 items')
    expect(line(/^gates/).getAttribute('aria-expanded')).toBe('true')
    expect(line(/^0 list<list<int>>/).getAttribute('aria-expanded')).toBe('false')
    expect(line(/^1 long/).textContent).toContain('null')
  })

  test('is walked with the arrow keys, Home and End', async () => {
    const user = userEvent.setup()
    render(<ValueTree name="leg" type={LEG} value={LEG_VALUE} />)
    await user.tab()
    expect(focused()).toContain('tail')
    await user.keyboard('{ArrowDown}{ArrowRight}')
    expect(focused()).toContain('9007199254740993')
    await user.keyboard('{ArrowLeft}')
    expect(focused()).toContain('gates')
    await user.keyboard('{ArrowLeft}')
    expect(line(/^gates/).getAttribute('aria-expanded')).toBe('false')
    expect(screen.queryByRole('treeitem', { name: /9007199254740993/ })).toBeNull()
    await user.keyboard('{End}')
    expect(focused()).toContain('0 list<list<int>>')
    await user.keyboard('{Enter}{ArrowRight}{ArrowRight}{ArrowRight}')
    expect(focused()).toBe('0 int 7')
    await user.keyboard('{Home}')
    expect(focused()).toContain('tail')
  })

  test('copies the value of a line, and its path', async () => {
    const user = userEvent.setup()
    render(<ValueTree name="leg" type={LEG} value={LEG_VALUE} />)
    await user.click(line(/9007199254740993/))
    expect(copiedText()).toBe('9007199254740993')
    await user.click(line(/^a b /))
    expect(copiedText()).toBe('[[[7]]]')
    await user.click(screen.getByRole('button', { name: 'Copy path leg.tags["a b"]' }))
    expect(await navigator.clipboard.readText()).toBe('leg.tags["a b"]')
    await user.click(screen.getByRole('button', { name: 'Copy value of leg.tags["a b"]' }))
    await waitFor(async () => expect(await navigator.clipboard.readText()).toBe('[[[7]]]'))
  })

  test('of a variant has its members, with every digit of its numbers', async () => {
    const user = userEvent.setup()
    const value = '{"id":12345678901234567890.10,"deep":{"a":{"b":{"c":true}}},"none":null,"odd name":"x"}'
    render(<ValueTree name="event" type="variant" value={value} />)
    expect(line(/^id/).textContent).toContain('12345678901234567890.10')
    expect(line(/^none/).textContent).toContain('null')
    await user.click(line(/^b/))
    expect(line(/^c/).textContent).toContain('true')
    await user.click(line(/^odd name/))
    expect(screen.getByRole('button', { name: 'Copy path event["odd name"]' })).toBeTruthy()
  })

  test('of many members shows some, and more when asked', async () => {
    const user = userEvent.setup()
    const value = Array.from({ length: 100_000 }, (_, i) => i)
    render(<ValueTree name="ids" type={list('int')} value={value} />)
    expect(screen.getAllByRole('treeitem')).toHaveLength(101)
    await user.click(line(/^99,900 more items/))
    expect(screen.getAllByRole('treeitem')).toHaveLength(201)
    expect(line(/^100 int/)).toBeTruthy()
  })

  test('draws the beginning of a long text only, and copies all of it', async () => {
    const user = userEvent.setup()
    const text = 'é'.repeat(1_000_000)
    render(<ValueTree name="notes" type={list('string')} value={[text]} />)
    expect(line(/^0 string/).textContent.length).toBeLessThan(3000)
    await user.click(line(/^0 string/))
    expect(copiedText()).toBe(text)
  })

  test('expands no more than some hundred lines by itself', () => {
    const inner = Array.from({ length: 100 }, (_, i) => i)
    render(<ValueTree name="grid" type={list(list('int'))} value={inner.map(() => inner)} />)
    expect(screen.getAllByRole('treeitem').length).toBeLessThan(500)
  })
})
