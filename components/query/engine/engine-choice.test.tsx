// @vitest-environment happy-dom
import { cleanup, screen } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { afterEach, expect, test, vi } from 'vitest'
import { render } from '@/testing/components/render'
import { EngineChoice } from './engine-choice'

afterEach(cleanup)

test('The user chooses where the query runs', async () => {
  const user = userEvent.setup()
  const onChange = vi.fn()
  render(<EngineChoice engine="browser" hasServer onChange={onChange} />)
  const field = screen.getByRole('combobox', { name: 'Engine' })
  expect((field as HTMLInputElement).value).toBe('Browser')
  await user.click(field)
  await user.click(await screen.findByRole('option', { name: 'Server' }))
  expect(onChange).toHaveBeenCalledWith('server')
})

test('Without queries on the server there is no choice', () => {
  render(<EngineChoice engine="browser" hasServer={false} onChange={() => {}} />)
  expect(screen.queryByRole('combobox')).toBeNull()
  expect(screen.getByText('Browser')).toBeTruthy()
})
