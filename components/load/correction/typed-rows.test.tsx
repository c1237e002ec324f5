// @vitest-environment happy-dom
import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { cleanup, fireEvent, screen, waitFor } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { afterEach, expect, it, vi } from 'vitest'
import { listRejects } from '@/lib/contract/jobs'
import { CSV_DEFAULTS } from '@/lib/ingest/csv-options'
import { enterText } from '@/testing/components/enter-text'
import { render } from '@/testing/components/render'
import { stubApi } from '@/testing/components/stub-api'
import { stubFonts } from '@/testing/components/stub-fonts'
import { TypedRows } from './typed-rows'

stubFonts()
const call = stubApi()
afterEach(cleanup)

const PAGE_SIZE = 2

/** Rows of which every fare is rejected, listed in pages. */
function renderRows(lines: readonly string[]) {
  const rejects = lines.map((text, i) => ({
    file: null,
    line: i + 2,
    column: 'fare',
    value: text.slice(2),
    reason: 'is not a number.',
    text,
    part: { start: 2, end: text.length },
  }))
  call.mockImplementation(async (endpoint: unknown, input: { offset?: unknown }) => {
    if (endpoint !== listRejects) throw new Error('unexpected call')
    const offset = Number(input.offset ?? 0)
    return {
      rejects: rejects.slice(offset, offset + PAGE_SIZE),
      countsByColumn: [],
      anyColumnCount: rejects.length,
      countsByReason: [],
      anyReasonCount: rejects.length,
      totalCount: rejects.length,
      listedRowCount: rejects.length,
      nextOffset: offset + PAGE_SIZE < rejects.length ? offset + PAGE_SIZE : null,
    }
  })
  const initialText = ['id;fare', ...lines, ''].join('\n')
  render(
    <QueryClientProvider client={new QueryClient()}>
      <TypedRows
        label="Rows"
        initialText={initialText}
        isUsed={false}
        onUse={vi.fn()}
        corrected={{ runId: '0'.repeat(26), syntax: CSV_DEFAULTS }}
      />
    </QueryClientProvider>,
  )
}
const area = () => screen.getByRole<HTMLTextAreaElement>('textbox', { name: 'Rows' })

it('counts a deleted row apart from changed values', async () => {
  renderRows(['1;x', '2;y'])
  await screen.findByText('0 of 2 values changed')
  fireEvent.change(area(), { target: { value: 'id;fare\n2;7\n' } })
  expect(screen.getByText('1 of 2 values changed, 1 deleted with its row')).toBeTruthy()
  expect(screen.getAllByRole('button', { name: /^line/ }).map((row) => row.parentElement?.textContent)).toEqual([
    expect.stringMatching(/deleted$/),
    expect.stringMatching(/changed$/),
  ])
})

it('replaces a value in all rows of a long list after it has said in how many, and takes it back', async () => {
  renderRows(['1;n/a', '2;-', '3;n/a', '4;n/a', '5;x'])
  await screen.findByText('0 of 5 values changed')
  expect(screen.getByText(/^is not a number/, { selector: 'summary' }).textContent).toBe('fare is not a number. 5')
  fireEvent.change(area(), { target: { value: area().value.replace('4;n/a', '4;7') } })
  await userEvent.click(screen.getByRole('button', { name: 'Replace n/a in fare…' }))
  await enterText(screen.getByRole('textbox', { name: 'Instead of n/a' }), '0')
  await userEvent.click(screen.getByRole('button', { name: 'Replace in 2 rows' }))
  expect(area().value).toBe('id;fare\n1;0\n2;-\n3;0\n4;7\n5;x\n')
  expect(screen.getByText('3 of 5 values changed')).toBeTruthy()
  // The button that had the focus is gone.
  await waitFor(() => expect(document.activeElement?.textContent).toBe('Replace…'))
  expect(screen.queryByRole('button', { name: 'Replace n/a in fare…' })).toBeNull()
  expect(screen.getByRole('button', { name: 'Replace - in fare…' })).toBeTruthy()
  await userEvent.click(screen.getByRole('button', { name: 'Undo' }))
  expect(area().value).toBe('id;fare\n1;n/a\n2;-\n3;n/a\n4;7\n5;x\n')
  expect(screen.queryByRole('button', { name: 'Undo' })).toBeNull()
  expect(screen.getByRole('button', { name: 'Replace n/a in fare…' })).toBeTruthy()
})
