import { expect, it } from 'vitest'
import { CSV_DEFAULTS } from '../csv-options'
import { samplePartitions } from './sampled-partitions'
import type { SampledField } from './sampled-values'

const rowsOf = (...values: readonly (string | null)[]) => values.map((value) => () => value)
const field = (type: SampledField['type'], transform: string): SampledField => ({ path: ['x'], type, transform })

it.each([
  ['timestamptz', 'day', ['2026-10-01T23:30:00-02:00', '2026-10-02 12:00:00Z', null], ['2026-10-02: 2', 'null: 1']],
  ['date', 'month', ['2026-10-01', '2026-10-31', '2026-11-01'], ['2026-10: 2', '2026-11: 1']],
  ['timestamp_ns', 'hour', ['2026-10-01 04:59:59.123456789'], ['2026-10-01-04: 1']],
  ['string', 'truncate[2]', ['Köln', 'Kön', 'Bonn'], ['Bo: 1', 'Kö: 2']],
  [
    'long',
    'identity',
    ['9223372036854775807', '+9223372036854775807', '9223372036854775808'],
    ['9223372036854775807: 2'],
  ],
  ['decimal(9, 2)', 'identity', ['.5', '0.50', '1.', '1.001'], ['0.50: 2', '1.00: 1']],
  ['boolean', 'identity', ['TRUE', 'false', 'yes'], ['false: 1', 'true: 1']],
  // Appendix B of the table spec: 34 has the hash 2017239379.
  ['int', 'bucket[16]', ['34'], [`${2017239379 % 16}: 1`]],
  ['binary', 'identity', ['ff00'], ['/wA=: 1']],
] as const)('Rows are divided by %s with %s as a load divides them', (type, transform, values, expected) => {
  const found = samplePartitions(rowsOf(...values), [field(type, transform)])
  expect(found.map(({ label, rowCount }) => `${label}: ${rowCount}`)).toEqual(expected)
})

it('Values are read as the options say, and several fields make one partition', () => {
  const rows = [
    ['31.12.2026', 'a'],
    ['31.12.2026', 'b'],
    ['2026-12-31', 'a'],
  ].map(
    ([day = null, city = null]) =>
      ([name]: readonly string[]) =>
        name === 'day' ? day : city,
  )
  const fields = [
    { path: ['day'], type: 'date', transform: 'year' },
    { path: ['city'], type: 'string', transform: 'identity' },
  ] as const
  expect(samplePartitions(rows, fields, { ...CSV_DEFAULTS, dateFormat: '%d.%m.%Y' })).toEqual([
    { label: '2026, a', rowCount: 1 },
    { label: '2026, b', rowCount: 1 },
  ])
})

it('Rows without a spec are one partition, and a transform that does not suit its column gives none', () => {
  expect(samplePartitions(rowsOf('1', '2'), [])).toEqual([{ label: '', rowCount: 2 }])
  expect(samplePartitions(rowsOf('1'), [field('int', 'day')])).toEqual([])
})
