import fc from 'fast-check'
import { expect, it } from 'vitest'
import { propertyRuns } from '@/testing/property-cases'
import { EMPTY_METRICS, sampleDataFile } from '@/testing/iceberg/sample-data-file'
import { sampleMetadata } from '@/testing/iceberg/sample-metadata'
import { arbitraryValue, COMPARABLE_TYPES, type ComparableType } from '@/testing/iceberg/sample-values'
import type { FieldSummary, Metrics } from '@/lib/iceberg/manifest/manifest'
import { applyTransform, canTransform, parseTransform, transformResultType } from '@/lib/iceberg/partitioning/transform'
import { compareValues, encodeSingleValue } from '@/lib/iceberg/schema/single-value'
import type { NestedField, PrimitiveType, Schema, Value } from '@/lib/iceberg/schema/types'
import { bindPredicate } from '../predicate/bind-predicate'
import { complementOf } from '../predicate/complement'
import { matchRows } from '../predicate/match-rows'
import type { BoundPredicate, Predicate } from '../predicate/predicate'
import { arbitraryPredicate, decide, type Row } from '@/testing/iceberg/sql-predicate'
import { toVector } from '@/testing/iceberg/to-vector'
import { matchFileMetrics } from '@/lib/scan/predicate/file-metrics'
import { createPartitionFilter } from './partition-filter'
import { createRowFilter } from './row-filter'

/**
 * Random files, partitions, metrics and predicates. The test decides which rows pass by the rules of SQL, without the
 * code under test; files with a passing row may not be skipped, and files with another row may not pass as a whole.
 */

const TRANSFORMS = [
  'identity',
  'void',
  'bucket[3]',
  'truncate[2]',
  'truncate[10]',
  'year',
  'month',
  'day',
  'hour',
  'zorder',
]

type Sample = {
  types: readonly ComparableType[]
  transforms: readonly string[]
  files: readonly Row[][]
  predicate: Predicate
  /** How the writer measures: see `measure`. */
  quirks: Quirks
}
type Quirks = {
  counts: boolean
  bounds: boolean
  truncation: 'none' | 'incremented' | 'plain'
  nanInBounds: boolean
  signedUuids: boolean
  damagedBytes: boolean
  roundsToZero: boolean
}

const quirks: fc.Arbitrary<Quirks> = fc.record({
  counts: fc.boolean(),
  bounds: fc.boolean(),
  truncation: fc.constantFrom('none', 'incremented', 'plain'),
  nanInBounds: fc.boolean(),
  signedUuids: fc.boolean(),
  damagedBytes: fc.boolean(),
  roundsToZero: fc.boolean(),
})

const samples: fc.Arbitrary<Sample> = fc
  .array(fc.constantFrom(...COMPARABLE_TYPES), { minLength: 1, maxLength: 3 })
  .chain((types) => {
    const values = types.map((type) => fc.option(arbitraryValue(type), { freq: 4 }))
    // Few values, so that files have columns of one value and partitions have several rows.
    const row = fc.tuple(...values)
    return fc.record({
      types: fc.constant(types),
      transforms: fc.tuple(...types.map((type) => fc.constantFrom(...TRANSFORMS.filter((text) => fits(text, type))))),
      files: fc.array(fc.array(row, { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 4 }),
      predicate: arbitraryPredicate(types),
      quirks,
    })
  })

function fits(text: string, type: PrimitiveType): boolean {
  return text === 'zorder' || canTransform(parseTransform(text), type)
}

/** Metrics of a file as a writer with these quirks records them. Never wrong, only less than possible. */
function measure(
  rows: readonly Row[],
  types: readonly ComparableType[],
  { counts, bounds, ...quirks }: Quirks,
): Metrics {
  const metrics = {
    ...EMPTY_METRICS,
    valueCounts: new Map<number, number>(),
    nullValueCounts: new Map<number, number>(),
    nanValueCounts: new Map<number, number>(),
    lowerBounds: new Map<number, Uint8Array>(),
    upperBounds: new Map<number, Uint8Array>(),
  }
  for (const [index, type] of types.entries()) {
    const id = index + 1
    const values = rows.flatMap((row) => (row[index] === null || row[index] === undefined ? [] : [row[index]]))
    const numbers = values.filter((value) => !Number.isNaN(value))
    if (counts) {
      metrics.valueCounts.set(id, rows.length)
      metrics.nullValueCounts.set(id, rows.length - values.length)
      if (type === 'float' || type === 'double') metrics.nanValueCounts.set(id, values.length - numbers.length)
    }
    const sorted = (quirks.nanInBounds ? values : numbers).toSorted((a, b) => compareForBounds(type, a, b, quirks))
    const [lower, upper] = [sorted.at(0), sorted.at(-1)]
    if (!bounds || lower === undefined || upper === undefined) continue
    const [lowerBytes, upperBytes] = [encodeSingleValue(type, lower), encodeUpper(type, upper, quirks)]
    metrics.lowerBounds.set(
      id,
      quirks.damagedBytes && !/^(string|binary|fixed|decimal)/.test(type) ? Uint8Array.of(1, 2, 3) : lowerBytes,
    )
    if (upperBytes) metrics.upperBounds.set(id, upperBytes)
    if (quirks.truncation !== 'none' && (type === 'string' || type === 'binary')) {
      metrics.lowerBounds.set(id, encodeSingleValue(type, truncate(lower)))
    }
  }
  return metrics
}

function compareForBounds(
  type: ComparableType,
  a: Value,
  b: Value,
  { signedUuids }: Pick<Quirks, 'signedUuids'>,
): number {
  if (type !== 'uuid' || !signedUuids) return compareValues(type, a, b)
  const half = (value: Value) => BigInt.asIntN(64, BigInt(`0x${String(value).replaceAll('-', '').slice(0, 16)}`))
  return half(a) < half(b) ? -1 : Number(half(a) > half(b))
}

function truncate(value: Value): Value {
  return typeof value === 'string' ? Array.from(value).slice(0, 2).join('') : (value as Uint8Array).subarray(0, 2)
}

function encodeUpper(
  type: ComparableType,
  value: Value,
  { truncation }: Pick<Quirks, 'truncation'>,
): Uint8Array | null {
  const whole = encodeSingleValue(type, value)
  if (truncation === 'none' || (type !== 'string' && type !== 'binary')) return whole
  const truncated = encodeSingleValue(type, truncate(value))
  if (truncation === 'plain' || truncated.length === whole.length) return truncated
  if (type === 'string') return new TextEncoder().encode(`${String(truncate(value))}\u{10ffff}`)
  const last = truncated.findLastIndex((byte) => byte < 255)
  if (last < 0) return null
  const incremented = truncated.slice(0, last + 1)
  incremented[last] = (incremented[last] ?? 0) + 1
  return incremented
}

function partitionValue(
  text: string,
  type: ComparableType,
  value: Value | null,
  { roundsToZero }: Quirks,
): Value | null {
  const transform = parseTransform(text)
  if (transform.kind === 'unknown') return null
  const result = applyTransform(transform, type, value)
  const isTime = ['year', 'month', 'day', 'hour'].includes(text)
  if (!isTime || !roundsToZero || typeof result !== 'number' || result >= 0 || value === null) return result
  // The unit of a time before 1970 is one higher, unless the time is its exact start.
  const before = applyTransform(transform, type, typeof value === 'bigint' ? value - 1n : Number(value) - 1)
  return before === result ? result + 1 : result
}

/** Files of one partition each, as a writer would split them. */
function partitionRows({ files, types, transforms, quirks }: Sample): { rows: Row[]; partition: (Value | null)[] }[] {
  return files.flatMap((rows) => {
    const groups = new Map<string, { rows: Row[]; partition: (Value | null)[] }>()
    for (const row of rows) {
      const partition = types.map((type, i) => partitionValue(transforms[i] ?? 'void', type, row[i] ?? null, quirks))
      const key = partition.map((value) => (Object.is(value, -0) ? '-0' : `${typeof value}${String(value)}`)).join('|')
      const group = groups.get(key) ?? { rows: [], partition }
      group.rows.push(row)
      groups.set(key, group)
    }
    return [...groups.values()]
  })
}

function summarize(
  partitions: readonly (readonly (Value | null)[])[],
  { types, transforms, quirks }: Sample,
): FieldSummary[] {
  return types.map((type, i) => {
    const transform = parseTransform(transforms[i] ?? 'void')
    const resultType = transformResultType(transform, type)
    const values = partitions.map((partition) => partition[i] ?? null)
    const isOrdered = transform.kind !== 'unknown'
    const sorted = values
      .filter((value): value is Value => value !== null && !Number.isNaN(value))
      .toSorted((a, b) => (isOrdered ? compareForBounds(resultType as ComparableType, a, b, quirks) : 0))
    const [lower, upper] = [sorted.at(0), sorted.at(-1)]
    return {
      containsNull: values.includes(null),
      containsNan: quirks.counts ? values.some((value) => Number.isNaN(value)) : null,
      lowerBound: lower === undefined || !quirks.bounds ? null : encodeSingleValue(resultType, lower),
      upperBound: upper === undefined || !quirks.bounds ? null : encodeSingleValue(resultType, upper),
    }
  })
}

it('Nothing with a matching row is skipped, nothing matches as a whole with another row, and the rows that match are those that SQL says', () => {
  const runs = propertyRuns(1000)
  let [skipped, whole, wholeByMetrics] = [0, 0, 0]
  fc.assert(
    fc.property(samples, (sample) => {
      const { types, transforms, predicate, quirks } = sample
      const fields = types.map((type, i): NestedField => ({ id: i + 1, name: `c${i}`, required: false, type }))
      const schema: Schema = { schemaId: 0, identifierFieldIds: [], fields }
      const bound = bindPredicate(predicate, schema)
      const spec = {
        specId: 7,
        fields: transforms.map((transform, i) => ({ sourceId: i + 1, fieldId: 1000 + i, name: `p${i}`, transform })),
      }
      const table = sampleMetadata({ partitionSpecs: [spec], schemas: [schema] })
      const filter = createPartitionFilter(bound, table)
      const rowFilter = createRowFilter(bound, table, 'the predicate')
      const files = partitionRows(sample)
      const summaries = summarize(
        files.map(({ partition }) => partition),
        sample,
      )
      const mightMatchManifest = filter.mightMatchManifest({ partitionSpecId: 7, partitions: summaries })

      for (const { rows, partition } of files) {
        const expected = rows.map((row) => decide(predicate, row, types) === true)
        const vectors = new Map(
          fields.map((field, i) => [
            field.id,
            toVector(
              field.type as PrimitiveType,
              rows.map((row) => row[i] ?? null),
            ),
          ]),
        )
        const matchesOf = (tested: BoundPredicate) =>
          Array.from(
            matchRows(
              tested,
              ({ fieldId }) => vectors.get(fieldId) ?? { kind: 'constant', length: 0, value: null },
              rows.length,
            ),
            (match) => match === 1,
          )
        expect(matchesOf(bound)).toEqual(expected)
        const complement = complementOf(bound)
        expect(matchesOf(complement)).toEqual(expected.map((match) => !match))

        const mightMatchPartition = filter.mightMatchPartition(7, partition)
        const measured = { recordCount: rows.length, metrics: measure(rows, types, quirks) }
        const verdict = matchFileMetrics(bound, measured)
        if (!mightMatchPartition || verdict !== 'might-match') skipped += 1
        const mightMatch = { mightMatchManifest, mightMatchPartition, verdict }
        const wrong =
          expected.includes(true) && !(mightMatchManifest && mightMatchPartition && verdict === 'might-match')
        expect(wrong ? mightMatch : null).toBeNull()
        const areAllSaidToMatch = matchFileMetrics(complement, measured) !== 'might-match'
        if (areAllSaidToMatch) wholeByMetrics += 1
        expect(areAllSaidToMatch && expected.includes(false)).toBe(false)

        const file = sampleDataFile('a', {
          specId: 7,
          partition,
          recordCount: rows.length,
          metrics: measure(rows, types, quirks),
        })
        expect(rowFilter.mightMatchFile(file)).toBe(mightMatchPartition && verdict === 'might-match')
        const isWhole = rowFilter.mustMatchFile(file)
        if (isWhole) whole += 1
        expect(isWhole && expected.includes(false)).toBe(false)
        expect(isWhole || !rowFilter.mustMatchPartition(file)).toBe(true)
      }
    }),
    runs,
  )
  expect(skipped).toBeGreaterThan(runs.numRuns / 10)
  expect(whole).toBeGreaterThan(runs.numRuns / 10)
  expect(wholeByMetrics).toBeGreaterThan(runs.numRuns / 10)
})
