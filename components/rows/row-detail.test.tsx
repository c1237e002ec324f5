// @vitest-environment happy-dom
import { cleanup, screen } from '@testing-library/react'
import { afterEach, expect, test } from 'vitest'
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
