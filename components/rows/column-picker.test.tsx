// @vitest-environment happy-dom
import { cleanup, screen } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { useState } from 'react'
import { afterEach, beforeAll, expect, test, vi } from 'vitest'
import { render } from '@/testing/components/render'
import type { NestedField } from '@/lib/iceberg/schema/types'
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

function Picker({ onReset }: { onReset?: (() => void) | undefined }) {
  const [hidden, setHidden] = useState<readonly string[]>([])
  return (
    <>
      <ColumnPicker fields={FIELDS} hidden={hidden} onChange={setHidden} onReset={onReset} />
      <output>{hidden.join(' ')}</output>
    </>
  )
}

test('Columns that match the filter are hidden and shown together', async () => {
  const user = userEvent.setup()
  render(<Picker />)
  await user.click(screen.getByRole('button', { name: '12 columns' }))
  await user.type(await screen.findByRole('searchbox', { name: 'Filter columns' }), 'price')
  expect(screen.getAllByRole('checkbox')).toHaveLength(3)
  await user.click(screen.getByRole('button', { name: 'Hide matches' }))
  expect(screen.getByRole('status').textContent).toBe('1 2 3')
  expect(screen.getByRole<HTMLButtonElement>('button', { name: 'Hide matches' }).disabled).toBe(true)
  await user.click(screen.getByRole('checkbox', { name: /price_1/ }))
  expect(screen.getByRole('status').textContent).toBe('1 3')
  await user.click(screen.getByRole('button', { name: 'Show matches' }))
  expect(screen.getByRole('status').textContent).toBe('')
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
