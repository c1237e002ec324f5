// @vitest-environment happy-dom
import { cleanup, screen } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { afterEach, expect, test, vi } from 'vitest'
import { render } from '@/testing/components/render'
import type { ListedFile } from '@/lib/client/listed-files'
import type { NestedField } from '@/lib/iceberg/schema/types'
import type { RowValue } from '@/lib/scan/read/row-values'
import { RowDetail } from './row-detail'

afterEach(cleanup)

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
