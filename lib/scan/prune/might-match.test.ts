import { describe, expect, it } from 'vitest'
import { EMPTY_METRICS } from '@/testing/iceberg/sample-data-file'
import type { Metrics } from '@/lib/iceberg/manifest/manifest'
import { fromHex } from '@/lib/iceberg/schema/byte-text'
import { encodeSingleValue } from '@/lib/iceberg/schema/single-value'
import type { PrimitiveType, Schema, Value } from '@/lib/iceberg/schema/types'
import { bindPredicate } from '../predicate/bind-predicate'
import { parsePredicateText } from '../predicate/predicate-text'
import { matchFileMetrics } from '@/lib/scan/predicate/file-metrics'
import { createPartitionFilter } from './partition-filter'

function bind(type: PrimitiveType, filter: string) {
  const schema = { fields: [{ id: 1, name: 'x', required: false, type }] }
  return bindPredicate(parsePredicateText(filter), schema)
}

type Bytes = Uint8Array | string
const toBytes = (bytes: Bytes) => (typeof bytes === 'string' ? fromHex(bytes) : bytes)

/** A file of ten rows. */
function file({
  lower,
  upper,
  nulls,
  nans,
  values = 10,
}: {
  lower?: Bytes
  upper?: Bytes
  nulls?: number
  nans?: number
  values?: number
}) {
  const metrics: Metrics = {
    ...EMPTY_METRICS,
    valueCounts: new Map([[1, values]]),
    nullValueCounts: new Map(nulls === undefined ? [] : [[1, nulls]]),
    nanValueCounts: new Map(nans === undefined ? [] : [[1, nans]]),
    lowerBounds: new Map(lower === undefined ? [] : [[1, toBytes(lower)]]),
    upperBounds: new Map(upper === undefined ? [] : [[1, toBytes(upper)]]),
  }
  return { recordCount: 10, metrics }
}
const between = (type: PrimitiveType, lower: Value, upper: Value) => ({
  lower: encodeSingleValue(type, lower),
  upper: encodeSingleValue(type, upper),
})
const text = (value: string) => new TextEncoder().encode(value)

describe('The metrics of a file', () => {
  it.each([
    // Bounds exclude no text that only has to contain another one.
    ['string', 'x contains "z"', between('string', 'aa', 'ab'), 'might-match'],
    ['string', 'x contains "z"', between('string', 'aa', 'aa'), 'might-match'],
    ['string', 'x ends with "z"', between('string', 'aa', 'ab'), 'might-match'],
    ['string', 'x not contains "a"', between('string', 'aa', 'aa'), 'might-match'],
    ['string', 'x contains "z"', { nulls: 10 }, 'null-counts'],
    ['int', 'x between 21 and 30', between('int', 10, 20), 'bounds'],
    ['int', 'x between 20 and 30', between('int', 10, 20), 'might-match'],
    ['timestamptz', 'x < "1970-01-01 01:00:00"', between('timestamptz', 3_600_000_000n, 4_000_000_000n), 'bounds'],
    ['int', 'x = 9', between('int', 10, 20), 'bounds'],
    ['int', 'x < 10', between('int', 10, 20), 'bounds'],
    ['int', 'x <= 10', between('int', 10, 20), 'might-match'],
    ['int', 'x > 20', between('int', 10, 20), 'bounds'],
    ['int', 'x >= 20', between('int', 10, 20), 'might-match'],
    ['int', 'x in (1, 15)', between('int', 10, 20), 'might-match'],
    ['int', 'x in (1, 25)', between('int', 10, 20), 'bounds'],
    ['int', 'x = 9 or x = 12', between('int', 10, 20), 'might-match'],
    ['int', 'x > 9 and x < 10', between('int', 10, 20), 'bounds'],
    ['int', 'x != 5', { ...between('int', 5, 5), nulls: 0 }, 'bounds'],
    // Other engines let null pass.
    ['int', 'x != 5', { ...between('int', 5, 5), nulls: 1 }, 'might-match'],
    ['int', 'x not in (5, 6)', { ...between('int', 5, 5), nulls: 0 }, 'bounds'],
    ['int', 'x is null', { nulls: 0 }, 'null-counts'],
    ['int', 'x is null', {}, 'might-match'],
    ['int', 'x is not null', { nulls: 10 }, 'null-counts'],
    ['int', 'x = 1', { nulls: 10 }, 'null-counts'],
    // Counts that leave no value for a bound are not believed, and bounds that contradict each other neither.
    ['int', 'x = 12', { ...between('int', 10, 20), nulls: 10 }, 'might-match'],
    ['double', 'x is nan', { ...between('double', Number.NaN, Number.NaN), nans: 0 }, 'might-match'],
    ['double', 'x = 1', { ...between('double', Number.NaN, Number.NaN), nulls: 10 }, 'might-match'],
    ['double', 'x = 1', { ...between('double', Number.NaN, Number.NaN), nulls: 4, nans: 6 }, 'null-counts'],
    ['string', 'x = "a"', between('string', 'ab', 'a'), 'might-match'],
    // Counts that contradict the number of rows are not believed.
    ['int', 'x = 1', { nulls: 10, values: 0 }, 'might-match'],
    ['int', 'x is null', { nulls: 0, values: 3 }, 'might-match'],
    ['int', 'x is not null', { nulls: 11 }, 'might-match'],
    ['int', 'x is null', { nulls: -1 }, 'might-match'],
    // Bounds that contradict each other, or are of the wrong length.
    ['int', 'x = 1', between('int', 20, 10), 'might-match'],
    ['int', 'x = 1', { lower: '0a0000', upper: '14000000' }, 'might-match'],
    ['boolean', 'x = true', between('boolean', false, false), 'bounds'],
    // An int's bounds after the promotion to long, a float's after that to double.
    ['long', 'x = 9', between('int', 10, 20), 'bounds'],
    ['long', 'x = 3000000000', between('int', 10, 20), 'bounds'],
    ['double', 'x = 9', between('float', 10, 20), 'bounds'],
    // Four bytes are the date that the column was. A time with a zone never was one.
    ['timestamp', 'x = "1970-01-01"', between('date', 10, 20), 'bounds'],
    ['timestamp', 'x = "1970-01-21"', between('date', 10, 20), 'might-match'],
    ['timestamptz', 'x = "1970-01-01"', between('date', 10, 20), 'might-match'],
    // Decimals are as many bytes as they need.
    ['decimal(9, 2)', 'x = -1.29', { lower: 'ff7f', upper: 'ff7f' }, 'might-match'],
    ['decimal(9, 2)', 'x = -1.28', { lower: 'ff7f', upper: 'ff7f' }, 'bounds'],
    ['decimal(38, 0)', 'x > 128', { lower: '80', upper: '0080' }, 'bounds'],
    ['decimal(38, 0)', 'x > 127', { lower: '80', upper: '0080' }, 'might-match'],
    // Floats: NaN has no order, -0 equals 0.
    ['double', 'x = 0', { ...between('double', -5, -0) }, 'might-match'],
    ['double', 'x < 0', { ...between('double', -0, 5) }, 'bounds'],
    ['double', 'x > 5', { ...between('double', 1, 2), nans: 3 }, 'bounds'],
    ['double', 'not x < 5', { ...between('double', 1, 2), nans: 3 }, 'might-match'],
    ['double', 'not x < 5', { ...between('double', 1, 2), nans: 0 }, 'bounds'],
    [
      'double',
      'x = 7',
      { lower: encodeSingleValue('double', 1), upper: encodeSingleValue('double', Number.NaN) },
      'might-match',
    ],
    [
      'double',
      'x = 0',
      { lower: encodeSingleValue('double', Number.NaN), upper: encodeSingleValue('double', -1) },
      'might-match',
    ],
    ['double', 'x is nan', { nans: 0 }, 'null-counts'],
    ['double', 'x is nan', {}, 'might-match'],
    ['double', 'x is not nan', { nans: 10, nulls: 0 }, 'null-counts'],
    ['double', 'x = 1', { nans: 4, nulls: 6 }, 'null-counts'],
    // Truncated bounds of texts: a writer may have incremented the upper one, or not.
    ['string', 'x = "abc"', { lower: text('ab'), upper: text('ab') }, 'might-match'],
    ['string', 'x > "ab"', { lower: text('a'), upper: text('ab') }, 'might-match'],
    ['string', 'x = "ac"', { lower: text('ab'), upper: text('ab') }, 'bounds'],
    ['string', 'x != "ab"', { lower: text('ab'), upper: text('ab'), nulls: 0 }, 'might-match'],
    ['string', 'x starts with "abcd"', { lower: text('ab'), upper: text('ac') }, 'might-match'],
    ['string', 'x starts with "abcd"', { lower: text('abce'), upper: text('ac') }, 'bounds'],
    ['string', 'x starts with "ab"', { lower: text('abx'), upper: text('abz') }, 'might-match'],
    ['string', 'x starts with "b"', { lower: text('ab'), upper: text('ac') }, 'bounds'],
    ['string', 'x not starts with "ab"', { lower: text('abx'), upper: text('abz'), nulls: 0 }, 'bounds'],
    ['string', 'x not starts with "ab"', { lower: text('abx'), upper: text('ac'), nulls: 0 }, 'might-match'],
    ['string', 'x not starts with "abc"', { lower: text('ab'), upper: text('abc'), nulls: 0 }, 'might-match'],
    // Text is ordered by its bytes, not by UTF-16 units.
    ['string', 'x > "\uffff"', { lower: text('a'), upper: text('\u{1f986}') }, 'might-match'],
    ['string', 'x < "\uffff"', { lower: text('\u{1f986}') }, 'bounds'],
    // A bound cut within a character.
    ['string', 'x = "é"', { lower: 'c3', upper: 'c4' }, 'might-match'],
    ['binary', 'x = "ff00"', { lower: 'fe', upper: 'ff' }, 'might-match'],
    ['fixed[2]', 'x = "0102"', { lower: '0103', upper: 'ffff' }, 'bounds'],
    // Java orders the halves of a UUID as signed numbers.
    [
      'uuid',
      'x = "10000000-0000-4000-8000-000000000000"',
      between('uuid', 'f0000000-0000-4000-8000-000000000000', '20000000-0000-4000-8000-000000000000'),
      'might-match',
    ],
    [
      'uuid',
      'x < "10000000-0000-4000-8000-000000000000"',
      between('uuid', '20000000-0000-4000-8000-000000000000', '30000000-0000-4000-8000-000000000000'),
      'might-match',
    ],
    [
      'uuid',
      'x = "10000000-0000-4000-8000-000000000000"',
      between('uuid', '20000000-0000-4000-8000-000000000000', '30000000-0000-4000-8000-000000000000'),
      'bounds',
    ],
    ['timestamp', 'x < "1969-12-31"', between('timestamp', -1n, 5n), 'bounds'],
    ['geometry', 'x is null', { nulls: 0 }, 'null-counts'],
  ] as const)('%s: %s of %o is %s', (type, filter, metrics, expected) => {
    expect(matchFileMetrics(bind(type, filter), file(metrics))).toBe(expected)
  })
})

function filterOf(sourceType: PrimitiveType, transform: string, filter: string, { tableType = sourceType } = {}) {
  const schema = (type: PrimitiveType): Schema => ({
    schemaId: 0,
    identifierFieldIds: [],
    fields: [{ id: 1, name: 'x', required: false, type }],
  })
  const spec = { specId: 3, fields: [{ sourceId: 1, fieldId: 1000, name: 'p', transform }] }
  return createPartitionFilter(bind(sourceType, filter), { partitionSpecs: [spec], schemas: [schema(tableType)] })
}

describe('A partition', () => {
  it.each([
    ['string', 'identity', 'x = "USA"', 'US', false],
    ['string', 'identity', 'x != "US"', 'US', false],
    ['string', 'identity', 'x starts with "U"', 'US', true],
    ['string', 'identity', 'x contains "S"', 'US', true],
    ['string', 'identity', 'x contains "Z"', 'US', false],
    ['string', 'identity', 'x not contains "S"', 'US', false],
    ['string', 'identity', 'x ends with "S"', 'US', true],
    ['string', 'identity', 'x ends with "U"', 'US', false],
    ['string', 'identity', 'x contains ""', null, false],
    ['string', 'truncate[2]', 'x contains "z"', 'ab', true],
    ['string', 'truncate[2]', 'x not ends with "b"', 'ab', true],
    ['string', 'bucket[16]', 'x contains "z"', 3, true],
    ['string', 'identity', 'x is null', null, true],
    ['string', 'identity', 'x = "a"', null, false],
    ['double', 'identity', 'x = 0', -0, true],
    ['double', 'identity', 'x is nan', Number.NaN, true],
    ['double', 'identity', 'x > 0', Number.NaN, false],
    // The specification's example: the hash of 34 is 2017239379.
    ['int', 'bucket[16]', 'x = 34', 3, true],
    ['int', 'bucket[16]', 'x = 34', 4, false],
    ['long', 'bucket[16]', 'x = 34', 3, true],
    ['int', 'bucket[16]', 'x in (34, 35)', 3, true],
    ['int', 'bucket[16]', 'x > 34', 4, true],
    ['int', 'bucket[16]', 'x != 34', 3, true],
    ['int', 'bucket[16]', 'x is null', 3, false],
    // The specification's example of microseconds, whose hash is -1207196810; nanoseconds hash as they do.
    ['timestamp_ns', 'bucket[16]', 'x = "2017-11-16T22:31:08.000001001"', 6, true],
    ['timestamp_ns', 'bucket[16]', 'x = "2017-11-16T22:31:08.000001001"', 5, false],
    // Rounded down, below zero too.
    ['int', 'truncate[10]', 'x = -1', -10, true],
    ['int', 'truncate[10]', 'x = -1', 0, false],
    ['int', 'truncate[10]', 'x < 0', 0, false],
    ['int', 'truncate[10]', 'x < 0', -10, true],
    ['int', 'truncate[10]', 'x > 9', 0, false],
    ['int', 'truncate[10]', 'x >= 9', 0, true],
    // -2147483648 is rounded to a number that does not exist, and wraps around.
    ['int', 'truncate[10]', 'x < 0', 2_147_483_646, true],
    ['int', 'truncate[10]', 'x < 0', 2_147_483_630, false],
    ['int', 'truncate[10]', 'x > -2147483647', 2_147_483_646, true],
    ['decimal(9, 2)', 'truncate[50]', 'x < -0.50', -50n, false],
    ['decimal(9, 2)', 'truncate[50]', 'x < -0.49', -50n, true],
    ['string', 'truncate[2]', 'x = "abc"', 'ab', true],
    ['string', 'truncate[2]', 'x = "abc"', 'ac', false],
    ['string', 'truncate[2]', 'x < "ab"', 'ab', true],
    ['string', 'truncate[2]', 'x > "abc"', 'ab', true],
    ['string', 'truncate[2]', 'x > "abc"', 'aa', false],
    ['string', 'truncate[2]', 'x starts with "abc"', 'ab', true],
    ['string', 'truncate[2]', 'x starts with "a"', 'ab', true],
    ['string', 'truncate[2]', 'x starts with "b"', 'ab', false],
    ['string', 'truncate[2]', 'x not starts with "ab"', 'ab', false],
    ['string', 'truncate[2]', 'x not starts with "abc"', 'ab', true],
    ['string', 'truncate[1]', 'x = "🦆x"', '🦆', true],
    // Before 1970: one microsecond earlier is another day. Old writers put it into the later one.
    ['timestamp', 'day', 'x = "1969-12-31T23:59:59.999999"', -1, true],
    ['timestamp', 'day', 'x = "1969-12-31T23:59:59.999999"', 0, true],
    ['timestamp', 'day', 'x = "1969-12-31T23:59:59.999999"', 1, false],
    ['timestamp', 'day', 'x < "1970-01-01"', 0, true],
    ['timestamp', 'day', 'x < "1970-01-01"', 1, false],
    ['timestamp', 'day', 'x < "1971-01-01"', 365, false],
    ['timestamp', 'day', 'x > "1970-01-01T23:59:59.999999"', 0, false],
    ['timestamp', 'hour', 'x = "1970-01-01T01:00:00"', 1, true],
    ['timestamptz', 'month', 'x >= "1970-03-01T00:00:00+01:00"', 1, true],
    ['timestamptz', 'month', 'x >= "1970-03-01T00:00:00Z"', 1, false],
    ['date', 'year', 'x > "1970-12-31"', 0, false],
    ['date', 'month', 'x in ("1970-02-05", "1971-01-01")', 12, true],
    ['date', 'month', 'x in ("1970-02-05", "1971-01-01")', 11, false],
    ['int', 'void', 'x = 1', null, true],
    ['int', 'void', 'x is not null', null, true],
    ['int', 'zorder', 'x = 1', 'anything', true],
  ] as const)('%s by %s: %s with the value %s', (type, transform, filter, value, expected) => {
    expect(filterOf(type, transform, filter).mightMatchPartition(3, [value])).toBe(expected)
  })

  it('of an unknown spec, of another length, or of a source column of another type might match', () => {
    expect(filterOf('int', 'identity', 'x = 1').mightMatchPartition(4, [2])).toBe(true)
    expect(filterOf('int', 'identity', 'x = 1').mightMatchPartition(3, [2, 3])).toBe(true)
    expect(
      filterOf('date', 'identity', 'x = "1970-01-05"', { tableType: 'timestamp' }).mightMatchPartition(3, [5n]),
    ).toBe(true)
    expect(
      filterOf('decimal(9, 2)', 'identity', 'x = 1', { tableType: 'decimal(9, 3)' as never }).mightMatchPartition(3, [
        5n,
      ]),
    ).toBe(true)
  })

  it('of a column that was promoted since is compared as a number', () => {
    const { mightMatchPartition } = filterOf('int', 'identity', 'x = 5', { tableType: 'long' })
    expect([mightMatchPartition(3, [5n]), mightMatchPartition(3, [6n])]).toEqual([true, false])
  })
})

describe('The partition summaries of a manifest', () => {
  const summary = (
    lower: Bytes | null,
    upper: Bytes | null,
    more: { containsNull?: boolean; containsNan?: boolean | null } = {},
  ) => ({
    partitionSpecId: 3,
    partitions: [
      {
        containsNull: more.containsNull ?? false,
        containsNan: more.containsNan ?? null,
        lowerBound: lower === null ? null : toBytes(lower),
        upperBound: upper === null ? null : toBytes(upper),
      },
    ],
  })

  it.each([
    ['day', 'x <= "1970-01-11"', summary('0a000000', '14000000'), true],
    ['day', 'x < "1970-01-11"', summary('0a000000', '14000000'), false],
    ['day', 'x > "1970-01-21T23:59:59.999999"', summary('0a000000', '14000000'), false],
    ['day', 'x in ("1970-01-01", "1970-01-15")', summary('0a000000', '14000000'), true],
    ['day', 'x is null', summary('0a000000', '14000000'), false],
    ['day', 'x is null', summary(null, null, { containsNull: true }), true],
    // A writer may leave bounds out.
    ['day', 'x > "1970-01-11"', summary(null, null, { containsNull: true }), true],
    ['day', 'x < "1970-01-01"', summary('0a00', '14000000'), true],
    ['day', 'x < "1970-01-01"', { partitionSpecId: 3, partitions: [] }, true],
    ['day', 'x < "1960-01-01"', { ...summary('0a000000', '14000000'), partitionSpecId: 9 }, true],
    ['bucket[16]', 'x = "1970-01-01"', summary('00000000', '0f000000'), true],
  ] as const)('by %s: %s of %o', (transform, filter, manifest, expected) => {
    expect(filterOf('timestamp', transform, filter).mightMatchManifest(manifest)).toBe(expected)
  })

  it('by NaN, which a bound has although the summary denies it', () => {
    const nan = encodeSingleValue('float', Number.NaN)
    const isNan = filterOf('float', 'identity', 'x is nan')
    expect(isNan.mightMatchManifest(summary(nan, nan, { containsNan: false }))).toBe(true)
    const zero = encodeSingleValue('float', 0)
    expect(isNan.mightMatchManifest(summary(zero, zero, { containsNan: false }))).toBe(false)
  })
})
