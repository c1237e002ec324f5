// @vitest-environment happy-dom
import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { cleanup, fireEvent, screen } from '@testing-library/react'
import { afterEach, expect, it, vi } from 'vitest'
import { listRejects } from '@/lib/contract/jobs'
import { render } from '@/testing/components/render'
import { stubApi } from '@/testing/components/stub-api'
import { stubFonts } from '@/testing/components/stub-fonts'
import { TypedRows } from './typed-rows'

stubFonts()
const call = stubApi()
afterEach(cleanup)

it('counts a deleted row apart from changed values', async () => {
  const rejects = ['1;x', '2;y'].map((text, i) => ({
    file: null,
    line: i + 2,
    column: 'fare',
    value: text.slice(2),
    reason: 'is not a number.',
    text,
    part: { start: 2, end: 3 },
  }))
  call.mockImplementation(async (endpoint: unknown) => {
    if (endpoint === listRejects)
      return {
        rejects,
        countsByColumn: [],
        anyColumnCount: 2,
        countsByReason: [],
        anyReasonCount: 2,
        totalCount: 2,
        listedRowCount: 2,
        nextOffset: null,
      }
    throw new Error('unexpected call')
  })
  render(
    <QueryClientProvider client={new QueryClient()}>
      <TypedRows
        label="Rows"
        initialText={'id;fare\n1;x\n2;y\n'}
        runId={'0'.repeat(26)}
        isUsed={false}
        onUse={vi.fn()}
      />
    </QueryClientProvider>,
  )
  await screen.findByText('0 of 2 values changed')
  fireEvent.change(screen.getByRole('textbox', { name: 'Rows' }), { target: { value: 'id;fare\n2;7\n' } })
  expect(screen.getByText('1 of 2 values changed, 1 deleted with its row')).toBeTruthy()
  expect(screen.getAllByRole('listitem').map(({ textContent }) => textContent)).toEqual([
    expect.stringMatching(/deleted$/),
    expect.stringMatching(/changed$/),
  ])
})
