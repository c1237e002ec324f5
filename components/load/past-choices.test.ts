import { expect, it } from 'vitest'
import type { PastLoad } from '@/lib/client/jobs/past-load'
import { CSV_DEFAULTS } from '@/lib/ingest/csv-options'
import type { CsvQuestion } from '@/lib/ingest/readings/csv-question'
import { SAMPLE_LOAD } from '@/testing/contract/sample-load'
import { toChoices } from './past-choices'

const PAST: PastLoad = {
  ...SAMPLE_LOAD,
  csv: { ...CSV_DEFAULTS, delimiter: ';', encoding: 'windows-1252' },
  mapping: { columns: { id: { field: 'no' } }, ignoredFields: ['note'] },
  maxRejectedRows: 10,
  landing: { operation: 'append', branch: 'audit' },
  recordsSaved: 2,
}

it.each([
  ['append', 'append'],
  ['upsert', 'upsert'],
  ['replace-partitions', 'append'],
  ['replace-table', 'append'],
] as const)('The rejected rows of a load that did %s are landed by %s, into the same branch', (operation, expected) => {
  const past: PastLoad = { ...PAST, landing: { operation, branch: 'audit' } }
  const choices = toChoices({ runId: 'r', parent: null, past, rejectedText: 'no;note\nx;y\n' })
  expect(choices).toMatchObject({
    csv: { delimiter: ';', encoding: 'utf-8' },
    mapping: PAST.mapping,
    rejects: {},
    landing: { operation: expected, branch: 'audit' },
  })
})

it('Rejected rows that are corrected in a file are in the encoding of the load', () => {
  const encodingFor = (rejectedText: string | null) =>
    toChoices({ runId: 'r', parent: null, past: PAST, rejectedText }).csv.encoding
  expect(encodingFor(null)).toBe('windows-1252')
  expect(encodingFor('no\r\n"a\nb"\r\n')).toBe('windows-1252')
})

it('Rejected items of a JSON array are lines', () => {
  const past: PastLoad = { ...PAST, format: 'json', csv: null }
  expect(toChoices({ runId: 'r', parent: null, past, rejectedText: '{}' }).format).toBe('ndjson')
})

it('A load that loaded nothing is repeated as it was', () => {
  const past: PastLoad = {
    ...PAST,
    recordsSaved: 0,
    maxRejectedRows: Number.MAX_SAFE_INTEGER,
    maxRejectedShare: 0.01,
    landing: { operation: 'replace-table', branch: 'audit', branchMustExist: true },
  }
  expect(toChoices({ runId: 'r', parent: null, past, rejectedText: null })).toEqual({
    format: 'csv',
    csv: PAST.csv,
    mapping: PAST.mapping,
    rejects: { maxRejectedShare: 0.01 },
    // The branch may be gone: the form looks for it.
    landing: { operation: 'replace-table', branch: 'audit' },
    answered: ['numbers', 'dates', 'times'],
    allowsNullColumns: false,
    allowsAmbiguousNumbers: false,
  })
})

it('A load that asked how its numbers are read asks again', () => {
  const question: CsvQuestion = { kind: 'numbers', column: 'price', text: '7.500', line: 1502, readings: [] }
  const past: PastLoad = { ...PAST, recordsSaved: 0, question }
  expect(toChoices({ runId: 'r', parent: null, past, rejectedText: null }).answered).toEqual(['dates', 'times'])
})
