import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { propertyRuns } from '@/testing/property-cases'
import type { NestedField } from '@/lib/iceberg/schema/types'
import { createRowsInMemory } from '@/testing/iceberg/rows-in-memory'
import { arbitraryValue } from '@/testing/iceberg/sample-values'
import type { RowValue } from '../read/row-value'
import { compareRows } from './compare-rows'
import { CHANGE_KINDS } from './match-rows'

/**
 * Random rows, compared by the rules of the documentation and without the code under test: all pairs of rows, and
 * values one by one.
 */

type Row = readonly (RowValue | null)[]

const FIELDS: readonly NestedField[] = [
  { id: 1, name: 'key', required: false, type: 'long' },
  { id: 2, name: 'number', required: false, type: 'double' },
  { id: 3, name: 'text', required: false, type: 'string' },
  { id: 4, name: 'amount', required: false, type: 'decimal(38, 3)' },
  {
    id: 5,
    name: 'place',
    required: false,
    type: { type: 'struct', fields: [{ id: 6, name: 'at', required: false, type: 'timestamp_ns' }] },
  },
  {
    id: 7,
    name: 'list',
    required: false,
    type: { type: 'list', elementId: 8, element: 'int', elementRequired: false },
  },
  {
    id: 9,
    name: 'map',
    required: false,
    type: { type: 'map', keyId: 10, key: 'string', valueId: 11, value: 'binary', valueRequired: false },
  },
]

const nullable = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: null, freq: 4 })
const row: fc.Arbitrary<Row> = fc.tuple(
  nullable(fc.bigInt({ min: 0n, max: 6n })),
  nullable(fc.constantFrom(0, -0, 1.5, Number.NaN)),
  nullable(fc.constantFrom<RowValue>('', 'a', 'ab', Uint8Array.of(0xff))),
  nullable(fc.constantFrom(-1n, 10n ** 37n, 10n ** 37n + 1n)),
  nullable(fc.tuple(nullable(arbitraryValue('timestamp_ns')))),
  nullable(fc.array(nullable(fc.integer({ min: 0, max: 1 })), { maxLength: 2 })),
  nullable(
    fc.uniqueArray(fc.tuple(fc.constantFrom('a', 'b'), nullable(fc.constantFrom(Uint8Array.of(), Uint8Array.of(1)))), {
      selector: ([key]) => key,
    }),
  ),
)
/** Some rows after are those before, changed or not. */
const sides = fc
  .tuple(fc.array(row, { maxLength: 12 }), fc.array(row, { maxLength: 5 }), fc.array(fc.nat(20), { maxLength: 12 }))
  .map(([before, added, picks]): { before: Row[]; after: Row[] } => ({
    before,
    after: [
      ...picks.flatMap((pick, i): Row[] => {
        const retained = before[pick]
        const other = added[i % Math.max(1, added.length)]
        if (!retained) return []
        return [
          i % 3 === 0 && other
            ? retained.map((value, column) => (column === i % 7 ? (other[column] ?? null) : value))
            : retained,
        ]
      }),
      ...added,
    ],
  }))

describe('Comparing random rows', () => {
  it('finds what comparing every row with every other finds, by a key', async () => {
    await fc.assert(
      fc.asyncProperty(sides, fc.constantFrom([1], [1, 2], [6], [3, 4]), async (sample, keyIds) => {
        const result = await compare(sample, keyIds)
        expect(result.changes).toEqual(compareNaively(sample, keyIds))
      }),
      propertyRuns(300),
    )
  })

  it('finds what counting equal rows finds, without a key', async () => {
    await fc.assert(
      fc.asyncProperty(sides, async (sample) => {
        const { changes } = await compare(sample, [])
        const expected: string[] = []
        const remaining = [...sample.before]
        for (const one of sample.after) {
          const index = remaining.findIndex((other) => isSame(one, other))
          if (index < 0) expected.push(`in ${textOf(one)}`)
          else remaining.splice(index, 1)
        }
        expected.push(...remaining.map((one) => `out ${textOf(one)}`))
        expect(changes).toEqual(expected.sort())
      }),
      propertyRuns(300),
    )
  })

  it('counts the changes of each column', async () => {
    await fc.assert(
      fc.asyncProperty(sides, async (sample) => {
        const { result, pairs } = await compare(sample, [1])
        const at = (one: Row, column: number) => one[column] ?? null
        const count = (column: number) => pairs.filter(([a, b]) => !isSame(at(a, column), at(b, column))).length
        // The only field of the struct differs when the struct does.
        expect(result.columns.map(({ changedCount }) => changedCount)).toEqual([1, 2, 3, 4, 5, 6].map(count))
        const listed = result.columns.filter(({ countsAll, commonChanges }) => countsAll && commonChanges.length < 8)
        const sums = listed.map(({ commonChanges }) => commonChanges.reduce((sum, { rowCount }) => sum + rowCount, 0))
        expect(sums).toEqual(listed.map(({ changedCount }) => changedCount))
      }),
      propertyRuns(200),
    )
  })
})

async function compare({ before, after }: { before: Row[]; after: Row[] }, keyIds: readonly number[]) {
  const result = await compareRows({
    before: createRowsInMemory(FIELDS, before),
    after: createRowsInMemory(FIELDS, after),
    fields: FIELDS,
    keyIds,
    hashKey: new Uint8Array(16),
  })
  const pairs: [Row, Row][] = []
  const changes = Array.from(result.kinds, (kind, i) => {
    const [a, b] = [before[result.beforeRows[i] ?? -1], after[result.afterRows[i] ?? -1]]
    if (a && b) pairs.push([a, b])
    return [CHANGE_KINDS[kind], ...[a, b].filter((one) => one !== undefined).map(textOf)].join(' ')
  })
  expect(result.inCount + result.outCount + result.changedCount).toBe(result.count)
  expect(result.sameCount + result.changedCount + result.inCount).toBe(after.length)
  return { result, pairs, changes: changes.sort() }
}

function compareNaively({ before, after }: { before: Row[]; after: Row[] }, keyIds: readonly number[]): string[] {
  const keyOf = (one: Row) =>
    keyIds.map((id) => (id === 6 ? ((one[4] as Row | null)?.[0] ?? null) : (one[id - 1] ?? null)))
  const changes: string[] = []
  const done: (RowValue | null)[][] = []
  for (const one of [...before, ...after]) {
    const key = keyOf(one)
    if (done.some((other) => isSame(other, key))) continue
    done.push(key)
    const outs = before.filter((other) => isSame(keyOf(other), key))
    const ins: Row[] = []
    for (const other of after.filter((each) => isSame(keyOf(each), key))) {
      const index = outs.findIndex((each) => isSame(each, other))
      if (index < 0) ins.push(other)
      else outs.splice(index, 1)
    }
    const [out, added] = [outs[0], ins[0]]
    if (out && added && outs.length === 1 && ins.length === 1) changes.push(`changed ${textOf(out)} ${textOf(added)}`)
    else changes.push(...outs.map((each) => `out ${textOf(each)}`), ...ins.map((each) => `in ${textOf(each)}`))
  }
  return changes.sort()
}

function isSame(a: RowValue | null, b: RowValue | null): boolean {
  return textOf(a) === textOf(b)
}

/** The entries of a map are the only pairs that begin with a text. */
function textOf(value: RowValue | null): string {
  if (value === null) return 'null'
  if (value instanceof Uint8Array) return `bytes(${value.join()})`
  if (!Array.isArray(value)) return `${typeof value}:${Object.is(value, -0) ? '-0' : String(value)}`
  const items = value as readonly (RowValue | null)[]
  const isMap = items.length > 0 && items.every((item) => Array.isArray(item) && typeof item[0] === 'string')
  const texts = items.map(textOf)
  return `[${(isMap ? texts.sort() : texts).join()}]`
}
