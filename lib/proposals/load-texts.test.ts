import { expect, it } from 'vitest'
import { CSV_DEFAULTS } from '@/lib/ingest/csv-options'
import { csvDifferences, landingText, rejectsText, sourceTexts } from './load-texts'

it('lists the options of CSV that differ from the usual ones, as users enter them', () => {
  expect(csvDifferences(CSV_DEFAULTS)).toEqual([])
  const csv = { ...CSV_DEFAULTS, delimiter: '\t', quote: null, hasHeader: false, groupSeparator: ' ' as const }
  expect(csvDifferences(csv)).toEqual([
    ['delimiter', 'tab'],
    ['quote', 'none'],
    ['header', 'no'],
    ['group separator', 'space'],
  ])
  const all = csvDifferences({
    delimiter: ';',
    quote: "'",
    skippedLines: 2,
    hasHeader: false,
    encoding: 'windows-1252',
    nullText: 'NA',
    dateFormat: '%d.%m.%Y',
    timestampFormat: '%d.%m.%Y %H:%M',
    assumesUtc: true,
    decimalSeparator: ',',
    groupSeparator: '.',
  })
  expect(all).toHaveLength(Object.keys(CSV_DEFAULTS).length)
})

it.each([
  [{ field: 'trip' }, { kind: 'the field', text: 'trip' }],
  [{ value: 'Berlin' }, { kind: 'in every row', text: 'Berlin' }],
  [{ value: null }, { kind: 'no value', text: null }],
  [{ sql: 'km * 1000' }, { kind: 'the expression', text: 'km * 1000' }],
  [{ fact: 'file-name' } as const, { kind: 'the name of the file', text: null }],
  [{ pathValue: 'day' }, { kind: 'the value in the path', text: 'day' }],
  [{ rest: true } as const, { kind: 'all other fields', text: null }],
])('words the source %j', (source, texts) => expect(sourceTexts(source)).toEqual(texts))

it('says how the rows land, and on which branch', () => {
  expect(landingText()).toBe('append to main')
  expect(landingText({ operation: 'replace-table', branch: 'audit' })).toBe('replace all rows of audit')
})

it.each([
  [{ maxRejectedRows: 0 }, 'fail the load'],
  [{ maxRejectedRows: Number.MAX_SAFE_INTEGER }, 'are skipped'],
  [{ maxRejectedRows: 5 }, 'are skipped, 5 rows at most'],
  [{ maxRejectedRows: Number.MAX_SAFE_INTEGER, maxRejectedShare: 0.025 }, 'are skipped, 2.5% of all rows at most'],
  [{ maxRejectedRows: 1, maxRejectedShare: 0.5 }, 'are skipped, 1 row and 50% of all rows at most'],
])('words the limit %j', (limit, text) => expect(rejectsText(limit)).toBe(text))
