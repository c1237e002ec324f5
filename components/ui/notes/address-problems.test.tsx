// @vitest-environment happy-dom
import { cleanup, screen, within } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { NuqsTestingAdapter, type UrlUpdateEvent } from 'nuqs/adapters/testing'
import { afterEach, expect, it, vi } from 'vitest'
import { render } from '@/testing/components/render'
import {
  type AddressChecks,
  AddressProblems,
  checkChoice,
  checkPosition,
  checkSwitch,
  quoteAddress,
} from './address-problems'

afterEach(cleanup)

const CHECKS: AddressChecks = {
  deleted: (value) => `${quoteAddress('deleted', value)} is neither true nor false.`,
  hide: (value) => (value === '1' ? null : `There is no column ${quoteAddress('hide', value)}.`),
  ...checkPosition('chunk', 'a blob of this file', 3),
}

function renderProblems(search: string) {
  const onUrlUpdate = vi.fn<(event: UrlUpdateEvent) => void>()
  render(
    <NuqsTestingAdapter searchParams={search} onUrlUpdate={onUrlUpdate} hasMemory>
      <AddressProblems checks={CHECKS} />
    </NuqsTestingAdapter>,
  )
  return onUrlUpdate
}
const notes = () => screen.queryAllByRole('status')

it('says which parameters of the address are ignored, and removes one without a step for Back', async () => {
  const onUrlUpdate = renderProblems('?deleted=maybe&hide=999&chunk=9.999&row=0')
  expect(notes().map(({ firstChild }) => firstChild?.textContent)).toEqual([
    '“maybe” in ?deleted= is neither true nor false.',
    'There is no column “999” in ?hide=.',
    '“9.999” in ?chunk= is not a blob of this file.',
  ])
  const [, hidden] = notes()
  if (!hidden) throw new Error('no note on the hidden column')
  await userEvent.click(within(hidden).getByRole('button', { name: 'Remove from the address' }))
  expect(notes()).toHaveLength(2)
  expect(screen.queryByText(/in \?hide=/)).toBeNull()
  const [{ searchParams, options }] = onUrlUpdate.mock.lastCall ?? [{}]
  expect(searchParams?.toString()).toBe('deleted=maybe&chunk=9.999&row=0')
  expect(options?.history).toBe('replace')
})

it('says nothing of parameters that are used, or absent', () => {
  renderProblems('?hide=1&chunk=2')
  expect(notes()).toEqual([])
})

it('names the words that a parameter can be', () => {
  const problem = (...choices: string[]) => checkChoice('by', choices, 'All are shown.')['by']?.('x')
  expect(problem('a')).toBe('“x” in ?by= is not a. All are shown.')
  expect(problem('a', 'b')).toBe('“x” in ?by= is neither a nor b. All are shown.')
  expect(problem('a', 'b', 'c')).toBe('“x” in ?by= is none of a, b, and c. All are shown.')
  expect(problem('a', 'x')).toBeNull()
})

it('takes a switch in small or capital letters', () => {
  const { fold } = checkSwitch('fold', 'All are shown.')
  expect([fold?.('true'), fold?.('FALSE')]).toEqual([null, null])
  expect(fold?.('yes')).toBe('“yes” in ?fold= is neither true nor false. All are shown.')
})
