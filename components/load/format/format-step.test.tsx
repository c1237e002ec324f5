// @vitest-environment happy-dom
import { cleanup, screen } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { afterEach, expect, it, vi } from 'vitest'
import type { LoadPreview } from '@/lib/contract/loads/loads'
import { AppError } from '@/lib/errors'
import { CSV_DEFAULTS } from '@/lib/ingest/csv-options'
import { BY_NAME } from '@/lib/ingest/load-mapping'
import { renderInTable } from '@/testing/components/render-in-table'
import { stubFonts } from '@/testing/components/stub-fonts'
import type { LoadDraft } from '../use-load-draft'
import { awaitedBytes } from './awaited-bytes'
import { FormatStep } from './format-step'

stubFonts()
afterEach(cleanup)

const DRAFT = { options: { format: 'avro', csv: null, mapping: BY_NAME } } as Partial<LoadDraft> as LoadDraft
const field = (name: string) => ({ name, samples: [] })

it.each([
  [['a', 'b'], '3 rows read; no field has a column yet, so every column would be null'],
  [['b'], '3 rows fit; 1 field without a column'],
  [[], '3 rows fit'],
])('Rows fit only as far as fields have columns: %s', (unmappedFields, sentence) => {
  const preview = {
    fields: [field('a'), field('b')],
    columns: [],
    rows: [],
    rejects: [],
    rowsRead: 3,
    rowsRejected: 0,
    isTruncated: false,
    unmappedFields,
  } as Partial<LoadPreview> as LoadPreview
  renderInTable(
    <FormatStep
      draft={DRAFT}
      questions={[]}
      preview={preview}
      isReading={false}
      awaited={null}
      isOpen={false}
      problem={null}
      failedColumn={null}
    />,
  )
  expect(screen.getByText(sentence)).toBeTruthy()
})

it('A file whose schema is at its end says that its first rows wait for its last byte', () => {
  renderInTable(
    <FormatStep
      draft={DRAFT}
      questions={[]}
      preview={undefined}
      isReading
      awaited={awaitedBytes('parquet')}
      isOpen={false}
      problem={null}
      failedColumn={null}
    />,
  )
  expect(screen.getByText(/^a Parquet file has its schema at its end, .* when its last byte is here$/)).toBeTruthy()
})

it('A file that cannot be read says so below its format, with the encoding of its bytes as a button', async () => {
  const changeCsv = vi.fn()
  const draft = { ...DRAFT, options: { ...DRAFT.options, format: 'csv', csv: CSV_DEFAULTS }, changeCsv } as LoadDraft
  const problem = new AppError('invalid-request', 'The file begins as UTF-16.', { facts: { encoding: 'utf-16le' } })
  renderInTable(
    <FormatStep
      {...{ draft, problem }}
      failedColumn={null}
      questions={[]}
      preview={undefined}
      isReading={false}
      awaited={null}
      isOpen
    />,
  )
  expect(screen.getByText('no first rows, for the reason below')).toBeTruthy()
  await userEvent.click(screen.getByRole('button', { name: 'Read as utf-16le' }))
  expect(changeCsv).toHaveBeenCalledExactlyOnceWith({ encoding: 'utf-16le' })
})
