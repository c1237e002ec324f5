// @vitest-environment happy-dom
import { cleanup, fireEvent, screen } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { useState } from 'react'
import { afterEach, beforeAll, expect, test, vi } from 'vitest'
import { render } from '@/testing/components/render'
import type { NestedField } from '@/lib/iceberg/schema/types'
import { NO_LAYOUT } from '@/components/ui/grid/column-layout'
import { ColumnPicker } from './column-picker'

const FIELDS: NestedField[] = Array.from({ length: 12 }, (_, i) => ({
  id: i + 1,
  name: i < 3 ? `price_${i}` : `c${i}`,
  required: false,
  type: 'long',
}))

beforeAll(() => {
  vi.stubGlobal('matchMedia', () => ({ matches: false, addEventListener() {}, removeEventListener() {} }))
})
afterEach(cleanup)

function Picker({ onReset, fields = FIELDS }: { onReset?: () => void; fields?: readonly NestedField[] }) {
  const [layout, setLayout] = useState(NO_LAYOUT)
  return (
    <>
      <ColumnPicker
        fields={fields}
        layout={layout}
        onChange={(part) => setLayout({ ...layout, ...part })}
        onReset={onReset}
      />
      <output aria-label="hidden">{layout.hidden.join(' ')}</output>
      <output aria-label="order">{layout.order.join(' ')}</output>
      <output aria-label="pinned">{layout.pinned.join(' ')}</output>
    </>
  )
}

const outputOf = (name: string) => screen.getByRole('status', { name }).textContent

test('Columns that match the filter are hidden and shown together', async () => {
  const user = userEvent.setup()
  render(<Picker />)
  await user.click(screen.getByRole('button', { name: '12 columns' }))
  await user.type(await screen.findByRole('searchbox', { name: 'Filter columns' }), 'price')
  expect(screen.getAllByRole('checkbox')).toHaveLength(3)
  await user.click(screen.getByRole('button', { name: 'Hide matches' }))
  expect(outputOf('hidden')).toBe('1 2 3')
  expect(screen.getByRole<HTMLButtonElement>('button', { name: 'Hide matches' }).disabled).toBe(true)
  await user.click(screen.getByRole('checkbox', { name: /price_1/ }))
  expect(outputOf('hidden')).toBe('1 3')
  await user.click(screen.getByRole('button', { name: 'Show matches' }))
  expect(outputOf('hidden')).toBe('')
})

test('A filter without a match says so', async () => {
  const user = userEvent.setup()
  render(<Picker />)
  await user.click(screen.getByRole('button', { name: '12 columns' }))
  await user.type(await screen.findByRole('searchbox', { name: 'Filter columns' }), 'zzz')
  expect(screen.getByText('No columns match “zzz”.')).toBeTruthy()
})

test('Order, widths and pins are reset where there are any', async () => {
  const user = userEvent.setup()
  const onReset = vi.fn()
  render(<Picker onReset={onReset} />)
  await user.click(screen.getByRole('button', { name: '12 columns' }))
  await user.click(await screen.findByRole('button', { name: 'Reset' }))
  expect(onReset).toHaveBeenCalledOnce()
  cleanup()
  render(<Picker />)
  await user.click(screen.getByRole('button', { name: '12 columns' }))
  await screen.findByRole('button', { name: 'Hide all' })
  expect(screen.queryByRole('button', { name: 'Reset' })).toBeNull()
})

test('A column is moved with the arrow keys of its handle, keeps the focus, and its position is announced', async () => {
  const user = userEvent.setup()
  render(<Picker />)
  await user.click(screen.getByRole('button', { name: '12 columns' }))
  const handle = () => screen.getByRole('button', { name: 'Move c3' })
  await screen.findByRole('button', { name: 'Move c3' })
  handle().focus()
  await user.keyboard('{ArrowUp}')
  expect(outputOf('order')).toBe('1 2 4')
  expect(document.activeElement).toBe(handle())
  expect(screen.getByText('c3 is now column 3 of 12.')).toBeTruthy()
  await user.keyboard('{Home}')
  expect(outputOf('order')).toBe('4')
  await user.keyboard('{ArrowUp}')
  expect(outputOf('order')).toBe('4')
  await user.keyboard('{End}')
  expect(outputOf('order')).toBe('1 2 3 5 6 7 8 9 10 11 12')
  await user.type(screen.getByRole('searchbox', { name: 'Filter columns' }), 'c3')
  expect(handle().getAttribute('aria-disabled')).toBe('true')
  handle().focus()
  await user.keyboard('{Home}')
  expect(outputOf('order')).toBe('1 2 3 5 6 7 8 9 10 11 12')
})

test('A column is dragged to another position', async () => {
  const user = userEvent.setup()
  render(<Picker />)
  await user.click(screen.getByRole('button', { name: '12 columns' }))
  const handle = await screen.findByRole('button', { name: 'Move price_0' })
  fireEvent.pointerDown(handle, { button: 0, clientY: 15 })
  fireEvent.pointerMove(document, { clientY: 62 })
  fireEvent.pointerUp(document)
  expect(outputOf('order')).toBe('2')
  fireEvent.pointerDown(screen.getByRole('button', { name: 'Move price_1' }), { button: 0, clientY: 15 })
  fireEvent.pointerMove(document, { clientY: 200 })
  fireEvent.pointerCancel(document)
  expect(outputOf('order')).toBe('2')
})

test('A column is pinned and comes first, and one moved among pinned ones is pinned', async () => {
  const user = userEvent.setup()
  render(<Picker />)
  await user.click(screen.getByRole('button', { name: '12 columns' }))
  await user.click(await screen.findByRole('button', { name: 'Pin c5' }))
  expect(outputOf('pinned')).toBe('6')
  expect(screen.getByRole('button', { name: 'Pin c5' }).getAttribute('aria-pressed')).toBe('true')
  expect(screen.getAllByRole('checkbox')[0]?.closest('li')?.textContent).toContain('c5')
  screen.getByRole('button', { name: 'Move price_0' }).focus()
  await user.keyboard('{ArrowUp}')
  expect(outputOf('pinned')).toBe('1 6')
  await user.click(screen.getByRole('button', { name: 'Pin c5' }))
  expect(outputOf('pinned')).toBe('1')
})

test('Of a thousand columns only those in view are drawn', async () => {
  const user = userEvent.setup()
  const fields = Array.from({ length: 1000 }, (_, i) => ({ ...FIELDS[0], id: i + 1, name: `c${i}` }) as NestedField)
  render(<Picker fields={fields} />)
  await user.click(screen.getByRole('button', { name: '1,000 columns' }))
  await screen.findByRole('searchbox', { name: 'Filter columns' })
  expect(screen.queryAllByRole('checkbox').length).toBeLessThan(60)
  await user.type(screen.getByRole('searchbox', { name: 'Filter columns' }), 'c999')
  expect(screen.getAllByRole('checkbox')).toHaveLength(1)
})
