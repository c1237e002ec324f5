import fc from 'fast-check'
import { expect, it } from 'vitest'
import { parseExactJson, stringifyExactJson } from '@/lib/iceberg/json/exact-json'
import type { Json } from '@/lib/iceberg/json/json'
import { encodeSingleValue } from '@/lib/iceberg/schema/single-value'
import type { NestedField, PrimitiveType, Value } from '@/lib/iceberg/schema/types'
import { EMPTY_METRICS } from '@/testing/iceberg/sample-data-file'
import { propertyRuns } from '@/testing/property-cases'
import { bindPredicate } from './bind-predicate'
import { matchFileMetrics } from './file-metrics'
import { parsePredicateJson } from './predicate-json'

/** Numbers and texts as a row has them; null and NaN, too. */
type Cell = number | bigint | string | null
type Row = Readonly<Record<string, Cell>>
/** An expression, and whether a client selects a row by it. */
type Filter = { json: Json; selects: (row: Row) => boolean }
/** A literal, and the value that a client takes it for. */
type Written = { json: Json; value: number | bigint | string }

const TENTH = Math.fround(0.1)
const typed = (dataType: string, value: Json): Json => ({ type: 'literal', value, 'data-type': dataType })

const COLUMNS: Record<string, { type: PrimitiveType; cells: readonly Cell[]; literals: readonly Written[] }> = {
  speed: {
    type: 'int',
    cells: [null, -2, 0, 1, 2, 2_147_483_647],
    literals: [
      { json: 0, value: 0 },
      { json: typed('long', 3_000_000_000), value: 3_000_000_000 },
      { json: 1.5, value: 1.5 },
      { json: typed('int', 2), value: 2 },
    ],
  },
  id: {
    type: 'long',
    cells: [null, -(2n ** 63n), 0n, 9_007_199_254_740_993n, 2n ** 63n - 1n],
    literals: [
      { json: 9_007_199_254_740_993n, value: 9_007_199_254_740_993n },
      { json: typed('long', 2n ** 63n - 1n), value: 2n ** 63n - 1n },
      { json: typed('int', -1), value: -1n },
    ],
  },
  ratio: {
    type: 'float',
    cells: [null, Number.NaN, Number.NEGATIVE_INFINITY, -0, 0, TENTH, 0.5],
    literals: [
      { json: 0.1, value: TENTH },
      { json: 0.1, value: 0.1 },
      { json: typed('double', 0.1), value: 0.1 },
      { json: typed('float', 0.1), value: TENTH },
      { json: 0, value: 0 },
    ],
  },
  part: {
    type: 'double',
    cells: [null, Number.NaN, -0, 0, 0.1, TENTH, Number.POSITIVE_INFINITY],
    literals: [
      { json: typed('float', 0.1), value: TENTH },
      { json: typed('double', 0.1), value: 0.1 },
      { json: 0.1, value: 0.1 },
    ],
  },
  city: {
    type: 'string',
    cells: [null, '', 'Be', 'Berlin', 'Bern', '🦆'],
    literals: [
      { json: 'Ber', value: 'Ber' },
      { json: typed('string', 'Berlin'), value: 'Berlin' },
      { json: '', value: '' },
    ],
  },
  at: {
    type: 'timestamp',
    cells: [null, -1n, 0n, 1n, 1_000_000n],
    literals: [
      { json: '1970-01-01T00:00:00.000001', value: 1n },
      { json: '1970-01-01T00:00:00.000001500', value: 1n },
      { json: '1969-12-31T23:59:59.999999', value: -1n },
    ],
  },
}

const COMPARE: Record<string, { mirrored: string; holds: (a: NonNullable<Cell>, b: NonNullable<Cell>) => boolean }> = {
  eq: { mirrored: 'eq', holds: (a, b) => a === b },
  'not-eq': { mirrored: 'not-eq', holds: (a, b) => a !== b },
  lt: { mirrored: 'gt', holds: (a, b) => a < b },
  'lt-eq': { mirrored: 'gt-eq', holds: (a, b) => a <= b },
  gt: { mirrored: 'lt', holds: (a, b) => a > b },
  'gt-eq': { mirrored: 'lt-eq', holds: (a, b) => a >= b },
}

/** Null is not equal to a value, and in no order with it; so is NaN. */
function compare(type: string, cell: Cell, value: NonNullable<Cell>): boolean {
  return cell === null ? type === 'not-eq' : (COMPARE[type]?.holds(cell, value) ?? false)
}

const condition: fc.Arbitrary<Filter> = fc.constantFrom(...Object.entries(COLUMNS)).chain(([name, column]) => {
  const reference = { type: 'reference', name }
  const cellOf = (row: Row) => row[name] ?? null
  const literal = fc.constantFrom(...column.literals)
  const isFloating = column.type === 'float' || column.type === 'double'
  return fc.oneof(
    fc.tuple(fc.constantFrom(...Object.keys(COMPARE)), literal, fc.constantFrom('left', 'right', 'deprecated')).map(
      ([type, { json, value }, form]): Filter => ({
        json:
          form === 'left'
            ? { type, left: reference, right: json }
            : form === 'right'
              ? { type: COMPARE[type]?.mirrored ?? '', left: json, right: reference }
              : { type, term: name, value: json },
        selects: (row) => compare(type, cellOf(row), value),
      }),
    ),
    fc.tuple(fc.boolean(), fc.array(literal, { maxLength: 3 })).map(
      ([isIn, values]): Filter => ({
        json: { type: isIn ? 'in' : 'not-in', child: reference, values: values.map(({ json }) => json) },
        selects: (row) => values.some(({ value }) => compare('eq', cellOf(row), value)) === isIn,
      }),
    ),
    fc.boolean().map(
      (isNull): Filter => ({
        json: { type: isNull ? 'is-null' : 'not-null', child: reference },
        selects: (row) => (cellOf(row) === null) === isNull,
      }),
    ),
    fc.boolean().map((isNan): Filter => {
      const type = isNan ? 'is-nan' : 'not-nan'
      if (!isFloating) return { json: true, selects: () => true }
      return { json: { type, child: reference }, selects: (row) => Number.isNaN(cellOf(row)) === isNan }
    }),
    fc.tuple(fc.boolean(), fc.constantFrom('', 'Be', 'Berl', 'x')).map(
      ([isStart, prefix]): Filter => ({
        json: {
          type: isStart ? 'starts-with' : 'not-starts-with',
          left: { type: 'reference', name: 'city' },
          right: prefix,
        },
        selects: ({ city = null }) => (typeof city === 'string' && city.startsWith(prefix)) === isStart,
      }),
    ),
    // A function that only the client knows.
    fc.boolean().map(
      (holds): Filter => ({
        json: { type: 'eq', left: { type: 'apply', function: 'f', arguments: [reference] }, right: 1 },
        selects: () => holds,
      }),
    ),
  )
})

const { filter } = fc.letrec<{ filter: Filter }>((tie) => ({
  filter: fc.oneof(
    { depthSize: 'small' },
    condition,
    tie('filter').map(
      ({ json, selects }): Filter => ({
        json: { type: 'not', child: json },
        selects: (row) => !selects(row),
      }),
    ),
    fc.tuple(fc.boolean(), tie('filter'), tie('filter')).map(
      ([isAnd, a, b]): Filter => ({
        json: { type: isAnd ? 'and' : 'or', left: a.json, right: b.json },
        selects: (row) => (isAnd ? a.selects(row) && b.selects(row) : a.selects(row) || b.selects(row)),
      }),
    ),
  ),
}))

const fields = Object.entries(COLUMNS).map(
  ([name, { type }], index): NestedField => ({ id: index + 1, name, required: false, type }),
)

/** The metrics that a writer has for the rows. Bounds leave out NaN. */
function measure(rows: readonly Row[]) {
  const count = (passes: (cell: Cell) => boolean) =>
    new Map(fields.map(({ id, name }) => [id, rows.filter((row) => passes(row[name] ?? null)).length]))
  const bounds = (isBetter: (a: Value, b: Value) => boolean) =>
    new Map(
      fields.flatMap(({ id, name, type }) => {
        const cells = rows.flatMap((row) => row[name] ?? []).filter((cell) => !Number.isNaN(cell))
        const [first, ...others] = cells
        if (first === undefined || typeof type !== 'string') return []
        return [
          [
            id,
            encodeSingleValue(
              type,
              others.reduce<Value>((a, b) => (isBetter(b, a) ? b : a), first),
            ),
          ] as const,
        ]
      }),
    )
  const metrics = {
    ...EMPTY_METRICS,
    valueCounts: count(() => true),
    nullValueCounts: count((cell) => cell === null),
    nanValueCounts: count((cell) => Number.isNaN(cell)),
    lowerBounds: bounds((a, b) => a < b),
    upperBounds: bounds((a, b) => a > b),
  }
  return { recordCount: rows.length, metrics }
}

it('A file with a row that the client of a plan selects is never skipped', () => {
  const row = fc.record(
    Object.fromEntries(Object.entries(COLUMNS).map(([name, { cells }]) => [name, fc.constantFrom(...cells)])),
  )
  const verdicts = new Set<string>()
  fc.assert(
    fc.property(filter, fc.array(row, { minLength: 1, maxLength: 2 }), ({ json, selects }, rows) => {
      const predicate = parsePredicateJson(parseExactJson(stringifyExactJson(json)), { isInclusive: true })
      const bound = bindPredicate(predicate, { fields }, { isTwoValued: true, isInclusive: true })
      const verdict = matchFileMetrics(bound, measure(rows))
      verdicts.add(verdict)
      expect(verdict !== 'might-match' && rows.some(selects)).toBe(false)
    }),
    propertyRuns(5_000),
  )
  expect(verdicts).toEqual(new Set(['might-match', 'null-counts', 'bounds']))
})
