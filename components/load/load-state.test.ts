import { expect, it, test } from 'vitest'
import { handedOverLoad, handOverLoad } from '@/lib/client/jobs/handed-over-load'
import { CSV_DEFAULTS } from '@/lib/ingest/csv-options'
import { BY_NAME } from '@/lib/ingest/load-mapping'
import type { CsvQuestion } from '@/lib/ingest/readings/csv-question'
import type { LoadSample } from '@/lib/contract/loads/load-sample'
import { awaitedBytes } from './format/awaited-bytes'
import { estimateLoad } from './sample/load-estimate'
import { describeLoad } from './load-state'
import { openQuestions, toNewChoices } from './use-load-draft'

const file = { fileName: 'a.csv', state: 'sending' } as const
const good = {
  columns: [{ name: 'id', type: 'int', rejectedCount: 0, problem: null }],
  unmappedFields: [],
  missingColumns: [],
  missingFields: [],
  unknownColumns: [],
  rowsRead: 1000,
  rowsRejected: 0,
  rejects: [],
  isTruncated: true,
  delimiter: ',',
}
const reject = {
  file: null,
  line: 121,
  column: 'fare',
  value: 'k. A.',
  reason: 'is not a number',
  text: null,
  part: null,
}

/** A user who may load, into a table that needs nothing else. */
const alone = {
  located: [],
  estimate: null,
  awaited: null,
  unshown: null,
  rejects: {},
  computedColumns: [],
  mayBeEmpty: false,
  questions: [],
  needsProposal: false,
  landingProblem: null,
  repeatedCount: 0,
}

it.each([
  ['no file', [], undefined, 'blocked', 'Add the files to load.'],
  [
    'a file that did not arrive',
    [file, { fileName: 'b.csv', state: 'failed' } as const],
    good,
    'blocked',
    'b.csv was not uploaded.',
  ],
  [
    'files that did not arrive',
    [file, { fileName: 'b.csv', state: 'failed' } as const, { fileName: 'c.csv', state: 'failed' } as const],
    good,
    'blocked',
    '2 files were not uploaded.',
  ],
  [
    'files of two formats',
    [file, { ...file, fileName: 'plain' }, { ...file, fileName: 'b.csv.gz' }, { ...file, fileName: 'c.parquet' }],
    good,
    'blocked',
    'a.csv and c.parquet have different formats.',
  ],
  ['no rows yet', [file], undefined, 'blocked', 'The first rows are still being read.'],
  ['a field without a column', [file], { ...good, unmappedFields: ['promo'] }, 'blocked', 'One field has no column.'],
  ['a required column', [file], { ...good, missingColumns: ['id'] }, 'blocked', 'The table requires values for id.'],
  [
    'a wrong expression',
    [file],
    { ...good, columns: [{ name: 'id', type: 'int', rejectedCount: 0, problem: 'no field kmx' }] },
    'blocked',
    'id cannot be filled.',
  ],
  [
    'a first row that does not end in the first megabytes',
    [file],
    { ...good, rowsRead: 0, isTruncated: true },
    'warning',
    'Ready to load. The first row is too long to be shown.',
  ],
  ['rows that fit', [file], good, 'ready', 'Ready to load. The first 1,000 rows fit.'],
  [
    'more rejects than allowed',
    [file],
    { ...good, rowsRejected: 3, rejects: [reject] },
    'warning',
    'The load would stop: 3 of the first 1,000 rows would be rejected (0.3%).',
  ],
])('With %s, the review says so first', (_, files, preview, severity, sentence) => {
  expect(describeLoad({ ...alone, files, preview })).toMatchObject({ severity, sentence })
})

it.each([
  ['parquet', 'A Parquet file has its schema at its end, so its first rows are read when its last byte is here.'],
  ['arrow', 'An Arrow file is read as a whole, so its first rows are read when its last byte is here.'],
  ['json', 'The first rows are read when the first 4.00 MiB of a file are here, or all of it.'],
] as const)('says for which bytes the first rows of %s wait', (format, detail) => {
  expect(describeLoad({ ...alone, files: [file], preview: undefined, awaited: awaitedBytes(format) })).toEqual({
    severity: 'blocked',
    sentence: 'The first rows are not here yet.',
    detail,
  })
})

it('names the first rejected value when rejects are allowed', () => {
  const preview = { ...good, rowsRejected: 3, rejects: [reject] }
  expect(describeLoad({ ...alone, files: [file], preview, rejects: { maxRejectedRows: 10 } })).toEqual({
    severity: 'warning',
    sentence: 'Ready to load. 3 of the first 1,000 rows would be rejected (0.3%).',
    detail: 'Line 121: fare is not a number.',
  })
})

it('names the record of a rejected value that shares its line with others', () => {
  const preview = { ...good, rowsRejected: 1, rejects: [{ ...reject, line: 1, record: 1_204 }] }
  expect(describeLoad({ ...alone, files: [file], preview, rejects: { maxRejectedRows: 10 } }).detail).toBe(
    'Record 1,204: fare is not a number.',
  )
})

const SAMPLE: LoadSample = {
  from: 'spread',
  inputBytes: 4_000_000,
  rowsRead: 40_000,
  rowsRejected: 120,
  rejects: [{ line: 1_204_518, afterByte: 45_000_000, column: 'fare', value: 'k. A.', reason: 'is not a number' }],
  rejectedColumns: [{ column: 'fare', count: 120 }],
  partitions: [{ label: '', rowCount: 39_880, storedBytes: 1_000_000 }],
  partitionCount: 1,
  storedBytes: 1_000_000,
  footerBytes: 0,
}

it.each([
  [SAMPLE, {}, 'The load would probably stop: about 3,000 of 1,000,000 rows would be rejected (0.3%).'],
  [SAMPLE, { maxRejectedShare: 0.01 }, 'Ready to load. About 3,000 of 1,000,000 rows would be rejected (0.3%).'],
  [
    SAMPLE,
    { maxRejectedShare: 0.001 },
    'The load would probably stop: about 3,000 of 1,000,000 rows would be rejected (0.3%).',
  ],
  [{ ...SAMPLE, rowsRejected: 0, rejects: [] }, {}, 'Ready to load. 40,000 rows from all over the file fit.'],
  [
    { ...SAMPLE, from: 'whole', rowsRejected: 80 } as const,
    { maxRejectedRows: 100 },
    'Ready to load. 80 of 40,000 rows would be rejected (0.2%).',
  ],
])('A sample says what the first rows do not: %#', (sample, rejects, sentence) => {
  const files = [{ fileName: 'a.csv', sizeBytes: 100_000_000 }]
  const estimate = estimateLoad(sample, { files, targetBytes: 1 })
  expect(describeLoad({ ...alone, files: [file], preview: good, rejects, estimate }).sentence).toBe(sentence)
})

test('A load that needs two people is ready to be proposed, unless something else blocks it', () => {
  const proposed = { ...alone, needsProposal: true }
  expect(describeLoad({ ...proposed, files: [file], preview: good })).toMatchObject({
    severity: 'ready',
    sentence: 'Ready to propose. The first 1,000 rows fit.',
  })
  expect(describeLoad({ ...proposed, files: [], preview: undefined })).toMatchObject({ severity: 'blocked' })
})

test('A wrong expression comes before the fields that it was to use', () => {
  const columns = [{ name: 'id', type: 'int', rejectedCount: 0, problem: 'no field Nam' }]
  const preview = { ...good, columns, unmappedFields: ['Name'] }
  expect(describeLoad({ ...alone, files: [file], preview, computedColumns: ['id'] })).toMatchObject({
    sentence: 'The expression for id is wrong.',
    detail: 'no field Nam',
  })
})

test.each([
  [[file], false, 'blocked', 'The file has a header and no rows.'],
  [[file], true, 'warning', 'Ready to load. The file has a header and no rows.'],
  [[file, file], false, 'warning', 'Ready to load. The first file has a header and no rows.'],
])('A file without rows is loaded only if that has an effect: %#', (files, mayBeEmpty, severity, sentence) => {
  const preview = { ...good, rowsRead: 0, isTruncated: false }
  expect(describeLoad({ ...alone, files, preview, mayBeEmpty })).toMatchObject({ severity, sentence })
})

test('No load is ready where rows are replaced by key, and the table has none', () => {
  expect(
    describeLoad({
      ...alone,
      files: [file],
      preview: good,
      landingProblem: { sentence: 'The table has no key.', detail: 'Set it.' },
    }),
  ).toMatchObject({
    severity: 'blocked',
    sentence: 'The table has no key.',
  })
})

test.each([
  [{ located: [{ fileCount: 1_001 }] }, 'The load has 1,001 files.'],
  [{ located: [{ fileCount: 1 }], needsProposal: true }, 'Files of a location or a URL cannot be proposed.'],
])('No load is ready with %j', (fields, sentence) => {
  expect(describeLoad({ ...alone, files: [], preview: good, ...fields })).toMatchObject({
    severity: 'blocked',
    sentence,
  })
})

it('knows a share of rejects only when all rows were read', () => {
  const preview = { ...good, rowsRejected: 3, rejects: [reject] }
  const rejects = { maxRejectedShare: 0.002 }
  const { sentence } = describeLoad({ ...alone, files: [file], preview, rejects })
  expect(sentence).toMatch(/^Ready to load/)
  const whole = { ...preview, isTruncated: false }
  expect(describeLoad({ ...alone, files: [file], preview: whole, rejects }).sentence).toMatch(/^The load would stop/)
})

test('A file that can be read in more than one way is not loaded before the user has chosen', () => {
  const question: CsvQuestion = {
    kind: 'numbers',
    column: 'quantity',
    text: '3.472',
    line: 2,
    readings: [
      { options: { decimalSeparator: '.', groupSeparator: null }, value: '3.472' },
      { options: { decimalSeparator: ',', groupSeparator: '.' }, value: '3472' },
    ],
  }
  const preview = { ...good, questions: [question] }
  const questions = openQuestions(preview, { answered: ['dates'] }, null)
  expect(describeLoad({ ...alone, files: [file], preview, questions })).toMatchObject({
    severity: 'blocked',
    sentence: 'The file can be read in more than one way.',
    detail: expect.stringContaining('“3.472” in quantity (line 2) is 3.472 if'),
  })
  expect(openQuestions(preview, { answered: ['numbers'] }, null)).toEqual([])
  // The rest of the file has shown what its first rows do not show.
  expect(openQuestions({ questions: [] }, { answered: ['dates'] }, question)).toEqual([question])
  expect(openQuestions({ questions: [] }, { answered: ['numbers'] }, question)).toEqual([])
})

test('The rows of a new table are read as the file was from which it was created, and fill the columns that came out of it', () => {
  const table = { catalog: 'local', namespace: ['demo'], table: 'trades' }
  const csv = { ...CSV_DEFAULTS, decimalSeparator: ',' as const }
  const mapping = { columns: { amount: { field: 'Betrag' } }, ignoredFields: ['note'] }
  handOverLoad(table, { reading: { csv, answered: ['numbers'] }, mapping })
  const answered = ['numbers', 'dates', 'times']
  expect(toNewChoices(handedOverLoad(table))).toMatchObject({ csv, mapping, answered, allowsAmbiguousNumbers: true })
  handOverLoad(table, { reading: { csv: CSV_DEFAULTS, answered: [] }, mapping: BY_NAME })
  expect(toNewChoices(handedOverLoad(table))).toMatchObject({ answered, allowsAmbiguousNumbers: false })
  expect(toNewChoices(handedOverLoad({ ...table, table: 'other' }))).toMatchObject({
    csv: CSV_DEFAULTS,
    answered: [],
  })
})
