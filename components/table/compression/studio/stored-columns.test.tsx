// @vitest-environment happy-dom
import { cleanup, screen, within } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { afterEach, expect, it, vi } from 'vitest'
import type { ColumnStorage, StoredColumn } from '@/lib/contract/table/compression'
import { render } from '@/testing/components/render'
import { StoredColumns } from './stored-columns'

afterEach(cleanup)

const COLUMN: StoredColumn = {
  fieldId: 1,
  column: ['city'],
  type: 'string',
  plainBytes: 400,
  isPlainEstimated: false,
  encodedBytes: 300,
  storedBytes: 100,
  codecs: [{ codec: 'zstd', storedBytes: 100 }],
  encodings: ['PLAIN'],
  hasDictionary: false,
  hasDictionaryFallback: false,
  pages: null,
}
const STORAGE: ColumnStorage = {
  fileCount: 1,
  fileBytes: 200,
  readFileCount: 1,
  readFileBytes: 200,
  unreadable: [],
  unreadableCount: 0,
  otherFormatCount: 0,
  readAtMs: 1_000,
  columns: [COLUMN, { ...COLUMN, fieldId: 2, column: ['note'] }],
  columnCount: 2,
  droppedColumnBytes: 0,
  loadedBytesPerDay: null,
  storagePrice: null,
}
const CODEC_KEY = 'lakeshore.parquet.column.1.compression-codec'
const LEVEL_KEY = 'lakeshore.parquet.column.1.compression-level'

function show(canChange: boolean, after: Readonly<Record<string, string>> = {}) {
  const setValue = vi.fn()
  render(
    <StoredColumns storage={STORAGE} now={{}} chosenId={1} onChoose={() => {}} {...{ canChange, after, setValue }} />,
  )
  return setValue
}

const row = (name: RegExp) => screen.getByRole('row', { name })

it('edits the codec of the chosen column in its row', async () => {
  const setValue = show(true)
  expect(within(row(/^note/)).queryByRole('combobox')).toBeNull()
  await userEvent.click(within(row(/^city/)).getByRole('combobox', { name: 'Codec of city' }))
  await userEvent.click(await screen.findByRole('option', { name: 'brotli' }))
  // A level is valid for one codec only.
  expect(setValue.mock.calls).toEqual([
    [CODEC_KEY, 'brotli'],
    [LEVEL_KEY, null],
  ])
})

it('keeps the committed codec next to the changed one', () => {
  show(true, { [CODEC_KEY]: 'brotli', [LEVEL_KEY]: '5' })
  const city = within(row(/^city/))
  expect(city.getByRole<HTMLInputElement>('combobox', { name: 'Level of city' }).value).toBe('5')
  expect(city.getByTitle('Changed, not committed').textContent).toBe('~as table')
})

it('shows the codec as text to a user who cannot change it', () => {
  show(false, { [CODEC_KEY]: 'brotli' })
  expect(screen.queryByRole('combobox')).toBeNull()
  expect(row(/^city/).textContent).toContain('brotli')
})
