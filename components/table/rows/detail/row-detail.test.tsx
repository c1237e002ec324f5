// @vitest-environment happy-dom
import { act, cleanup, screen } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { afterAll, afterEach, expect, test, vi } from 'vitest'
import { render } from '@/testing/components/render'
import type { ListedFile } from '@/lib/api/listed-files'
import type { NestedField } from '@/lib/iceberg/schema/types'
import type { RowValue } from '@/lib/scan/read/row-values'
import { chooseTimeZone } from '@/lib/time-zone'
import { RowDetail } from './row-detail'

afterEach(cleanup)
afterAll(() => chooseTimeZone(null))

const FILE: ListedFile = {
  index: 0,
  path: 'file:///lake/demo/notes/data/1.parquet',
  fileFormat: 'parquet',
  fileSizeBytes: 1,
  recordCount: 1,
  firstRowIndex: 0,
  sequenceNumber: 1,
  firstRowId: null,
  specId: 0,
  partition: '',
  constants: [],
  deletes: [],
}
const FIELDS: NestedField[] = [
  { id: 1, name: 'at', required: false, type: 'timestamp' },
  { id: 2, name: 'note', required: false, type: 'string' },
]
const VALUES: Record<number, RowValue> = { 1: 983_869_380_000_000n, 2: 'first\nsecond' }

test('The details of a row have times in mono, as in the grid, and texts with their line breaks', () => {
  render(
    <RowDetail
      row={0}
      origin={{ file: FILE, position: 0 }}
      fields={FIELDS}
      fieldValue={(id) => VALUES[id]}
      onClose={() => {}}
    />,
  )
  expect(screen.getByText('2001-03-06 09:03:00').dataset.mono).toBe('true')
  const note = screen.getByText(/^first/)
  expect(note.textContent).toBe('first\nsecond')
  expect(note.dataset.mono).toBeUndefined()
})

test('The details of a row mark characters that are not drawn, in names and values', () => {
  const struct: NestedField = {
    id: 3,
    name: 'leg',
    required: false,
    type: { type: 'struct', fields: [{ id: 4, name: 'fr\u200bom', required: false, type: 'string' }] },
  }
  const values: Record<number, RowValue> = { 2: 'a\nb\u202ec', 3: ['x\u2066y'] }
  render(
    <RowDetail
      row={0}
      origin={{ file: { ...FILE, path: 'file:///lake/a\u202eb.parquet' }, position: 0 }}
      fields={[{ id: 2, name: 'no\u200fte', required: false, type: 'string' }, struct]}
      fieldValue={(id) => values[id]}
      onClose={() => {}}
    />,
  )
  const terms = screen.getAllByRole('term').map(({ textContent }) => textContent)
  expect(terms[0]).toMatch(/^no\[U\+200F\]te/)
  expect(screen.getAllByRole('definition')[0]?.textContent).toBe('a\nb[U+202E]c')
  const line = screen.getByRole('treeitem')
  expect(line.textContent).toContain('fr[U+200B]om string "x[U+2066]y"')
  expect(line.getAttribute('aria-label')).toBe('fr[U+200B]om string "x[U+2066]y"')
  expect(screen.getByTitle('file:///lake/a[U+202E]b.parquet').textContent).toBe('a[U+202E]b.parquet')
})

test('A value of a row can be filtered by, exactly as it was read', async () => {
  const onFilter = vi.fn<(fieldId: number, value: unknown) => void>()
  const struct: NestedField = { id: 3, name: 'leg', required: false, type: { type: 'struct', fields: [] } }
  render(
    <RowDetail
      row={0}
      origin={null}
      fields={[...FIELDS, struct]}
      fieldValue={(id) => (id === 3 ? [] : (VALUES[id] ?? null))}
      onFilter={onFilter}
      onClose={() => {}}
    />,
  )
  await userEvent.click(screen.getByRole('button', { name: 'Filter by this value of at' }))
  expect(onFilter).toHaveBeenCalledExactlyOnceWith(1, 983_869_380_000_000n)
  expect(screen.queryByRole('button', { name: 'Filter by this value of leg' })).toBeNull()
})

test('The details of a row show instants in the zone of the reader, also those within other values', () => {
  chooseTimeZone('Europe/Berlin')
  const fields: NestedField[] = [
    { id: 1, name: 'at', required: false, type: 'timestamptz' },
    {
      id: 2,
      name: 'stops',
      required: false,
      type: { type: 'list', elementId: 3, element: 'timestamptz_ns', elementRequired: false },
    },
  ]
  const values: Record<number, RowValue> = { 1: 1_704_092_400_000_000n, 2: [1_704_092_400_000_000_001n] }
  render(<RowDetail row={0} origin={null} fields={fields} fieldValue={(id) => values[id]} onClose={() => {}} />)
  expect(screen.getByText('2024-01-01 08:00:00+01:00')).toBeTruthy()
  expect(screen.getByText('2024-01-01 08:00:00.000000001+01:00')).toBeTruthy()
  act(() => chooseTimeZone('Asia/Tokyo'))
  expect(screen.getByText('2024-01-01 16:00:00+09:00')).toBeTruthy()
  expect(screen.getByText('2024-01-01 16:00:00.000000001+09:00')).toBeTruthy()
})
