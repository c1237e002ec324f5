import { expect, it } from 'vitest'
import type { LoadPreview } from '@/lib/contract/loads/loads'
import { AppError } from '@/lib/errors'
import { BY_NAME } from '@/lib/ingest/load-mapping'
import { mappingLines } from '../mapping/mapping-lines'
import { openSteps } from './open-steps'

const column = (name: string, change: Partial<LoadPreview['columns'][number]> = {}) => ({
  name,
  type: 'string',
  rejectedCount: 0,
  problem: null,
  ...change,
})
const FIELDS: LoadPreview['fields'] = [{ name: 'id', samples: ['1'] }]
const DECIDED: Parameters<typeof openSteps>[0] = {
  files: [{ fileName: 'may.csv', state: 'complete', failure: null }],
  hasFiles: true,
  preview: { rowsRead: 3, rowsRejected: 0, isTruncated: false },
  isUnreadable: false,
  questions: [],
  lines: [],
  landingProblem: null,
}
const lines = (change: Partial<LoadPreview>) =>
  mappingLines(
    {
      fields: FIELDS,
      columns: [column('id')],
      rows: [],
      rejects: [],
      unmappedFields: [],
      missingColumns: [],
      ...change,
    },
    BY_NAME,
  )
const open = (change: Partial<typeof DECIDED>) => openSteps({ ...DECIDED, ...change })

it('A load with nothing left to decide has no open step', () => {
  expect(open({ lines: lines({}) })).toEqual([null, null, null, null])
})

it.each<[string, number, Partial<typeof DECIDED>, string]>([
  ['no files', 0, { files: [], hasFiles: false }, 'Add the files to load.'],
  ['a failed upload', 0, { files: [{ fileName: 'a.csv', state: 'failed', failure: null }] }, 'a.csv was not uploaded.'],
  [
    'an ended session',
    0,
    { files: [{ fileName: 'a.csv', state: 'paused', failure: new AppError('unauthenticated', '') }] },
    'Sign in again: uploads wait for it.',
  ],
  [
    'a disabled user',
    0,
    {
      files: [
        {
          fileName: 'a.csv',
          state: 'paused',
          failure: new AppError('unauthenticated', '', { facts: { userState: 'disabled' } }),
        },
      ],
    },
    'Your user was disabled: uploads wait until an admin enables it.',
  ],
  ['an unreadable file', 1, { preview: undefined, isUnreadable: true }, 'The first rows cannot be read.'],
  [
    'rows that do not fit',
    1,
    { preview: { rowsRead: 3, rowsRejected: 2, isTruncated: true } },
    '2 of the first 3 rows do not fit.',
  ],
  [
    'a row that does not fit',
    1,
    { preview: { rowsRead: 3, rowsRejected: 1, isTruncated: false } },
    '1 of 3 rows does not fit.',
  ],
  [
    'a field without a column',
    2,
    { lines: lines({ columns: [column('nr')], unmappedFields: ['id'] }) },
    'Choose a column for id.',
  ],
  [
    'a required column without values',
    2,
    { lines: lines({ columns: [column('id'), column('day')], missingColumns: ['day'] }) },
    'The table requires values for day.',
  ],
  [
    'rejected values',
    2,
    { lines: lines({ columns: [column('id', { rejectedCount: 1 })] }) },
    'Values for id do not fit.',
  ],
  [
    'a column of another type',
    2,
    { lines: lines({ columns: [column('id', { problem: 'is int' })] }) },
    'id cannot be filled.',
  ],
  [
    'an upsert without a key',
    3,
    { landingProblem: { sentence: 'The table has no key.', detail: 'Set it.' } },
    'The table has no key.',
  ],
])('Of a load with %s, one step is open and says why', (_, step, change, sentence) => {
  expect(open(change)).toEqual([0, 1, 2, 3].map((i) => (i === step ? sentence : null)))
})
