// @vitest-environment happy-dom
import { cleanup, fireEvent, screen } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { useState } from 'react'
import { afterEach, expect, test } from 'vitest'
import type { QueryTab } from '@/lib/client/query/query-tabs'
import { render } from '@/testing/components/render'
import { QueryAsOf } from './query-as-of'

afterEach(cleanup)

function AsOf() {
  const [asOf, setAsOf] = useState<QueryTab['asOf']>(null)
  return (
    <>
      <QueryAsOf asOf={asOf} onChange={setAsOf} />
      <output>{JSON.stringify(asOf)}</output>
    </>
  )
}

const open = () => userEvent.click(screen.getByRole('button', { name: /^As of/ }))
const chosen = () => screen.getByRole('status').textContent

test('A branch or tag is chosen by its name, and given up for now', async () => {
  render(<AsOf />)
  await open()
  await userEvent.type(await screen.findByRole('textbox', { name: 'Branch or tag' }), ' audit {Enter}')
  expect(chosen()).toBe('{"ref":"audit"}')
  expect(screen.getByRole('button', { name: 'As of audit' })).toBeTruthy()
  await open()
  await userEvent.click(await screen.findByRole('button', { name: 'Back to now' }))
  expect(chosen()).toBe('null')
})

test('A time is read in the zone of the console', async () => {
  render(<AsOf />)
  await open()
  const field = await screen.findByLabelText('At a time (UTC)')
  expect(screen.getByRole('button', { name: 'Apply time' })).toHaveProperty('disabled', true)
  fireEvent.change(field, { target: { value: '2026-11-19T14:02:11' } })
  await userEvent.click(screen.getByRole('button', { name: 'Apply time' }))
  expect(chosen()).toBe(`{"atMs":${Date.UTC(2026, 10, 19, 14, 2, 11)}}`)
})
