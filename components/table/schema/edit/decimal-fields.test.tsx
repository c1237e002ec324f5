// @vitest-environment happy-dom
import { cleanup, screen } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { afterEach, expect, it, vi } from 'vitest'
import { render } from '@/testing/components/render'
import { DecimalFields } from './decimal-fields'

afterEach(cleanup)

it('lets the precision of a decimal grow, and its scale stay', async () => {
  const onChange = vi.fn()
  const committed = { precision: 12, scale: 2 }
  render(<DecimalFields name="fare" committed={committed} value={committed} onChange={onChange} />)
  expect(screen.getByRole<HTMLInputElement>('textbox', { name: 'Scale of fare' }).disabled).toBe(true)
  const precision = screen.getByRole<HTMLInputElement>('textbox', { name: 'Precision of fare' })
  await userEvent.clear(precision)
  // Its first digit is too small, and not yet a value.
  await userEvent.type(precision, '20')
  expect(onChange.mock.calls).toEqual([['decimal(20, 2)']])
  await userEvent.clear(precision)
  await userEvent.type(precision, '3{Tab}')
  expect(onChange.mock.calls.at(-1)).toEqual(['decimal(12, 2)'])
  expect(precision.value).toBe('12')
})
