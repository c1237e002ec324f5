import { expect, it } from 'vitest'
import { CSV_DEFAULTS } from '@/lib/ingest/csv-options'
import { BY_NAME } from '@/lib/ingest/load-mapping'
import { AppError } from '@/lib/errors'
import { loadPreviewQuery } from './loads'

it('A preview waits while the server reads as many as it may, and fails at once for any other reason', () => {
  const table = { catalog: 'local', namespace: ['demo'], table: 't' }
  const { retry } = loadPreviewQuery(table, {
    input: { uploadId: 'u' },
    hasBeginning: true,
    options: { format: 'csv', csv: CSV_DEFAULTS, mapping: BY_NAME },
    holdDuring: (work) => work(),
  })
  if (typeof retry !== 'function') throw new Error('the query has no rule for retries')
  const busy = new AppError('too-many-requests', 'busy')
  expect([retry(0, busy), retry(29, busy), retry(30, busy)]).toEqual([true, true, false])
  expect(retry(0, new AppError('invalid-request', 'no header'))).toBe(false)
})
