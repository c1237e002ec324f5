import fc from 'fast-check'
import { beforeAll, expect, it } from 'vitest'
import { UNKNOWN, ZERO } from '@/lib/facts/amounts'
import { EMPTY_HISTORY } from '@/lib/facts/fold-version'
import { HISTORY_ORDERS, HISTORY_TABLE_NAMES, type HistoryTableName } from '@/lib/facts/history-table-names'
import type { NestedField, Value } from '@/lib/iceberg/schema/types'
import { toComparable } from '@/lib/scan/predicate/comparable'
import { bindPredicate } from '@/lib/scan/predicate/bind-predicate'
import { type BoundPredicate, COMPARISONS, evaluate, type Predicate, TEXT_TESTS } from '@/lib/scan/predicate/predicate'
import { createValueTest } from '@/lib/scan/predicate/value-test'
import { rawChange } from '@/testing/databases/test-sql'
import { createTestHome } from '@/testing/homes/test-home'
import { propertyRuns } from '@/testing/property-cases'
import type { Change } from '../../database'
import { addedFactChanges } from '../fact-rows'
import type { WrittenFact } from '../fact-writers'
import { newHistoryChange } from '../histories'
import { toFields } from './history-column'
import { chooseOwners, readHistoryOwners } from './history-owners'
import { countHistoryRows, readHistoryPage } from './history-rows'
import type { HistoryPosition } from './history-slices'
import { HISTORY_TABLES } from './history-tables'

const home = createTestHome()
const HOUR_MS = 3_600_000
const START_MS = Date.UTC(2026, 9, 1)
const ID = 9_007_199_254_740_993n

beforeAll(async () => {
  const spark = { engine: 'spark', library: 'é%_', application: null, username: null, client: null }
  const fact = (seq: number, id: number): WrittenFact => ({
    seq,
    kind: seq % 5 === 0 ? 'taken-back' : 'commit',
    atMs: START_MS + Math.floor(seq / 2) * 7 * HOUR_MS + (seq % 3),
    statedAtMs: null,
    snapshotId: seq % 7 === 0 ? null : String(ID * (seq % 2 === 0 ? 1n : -1n) + BigInt(seq)),
    enteredAtMs: null,
    operation: ['append', 'overwrite', null][seq % 3] ?? null,
    writer: null,
    committedBy: seq % 2 === 0 ? spark : null,
    branch: null,
    reason: null,
    detail: null,
    added: seq % 4 === 0 ? UNKNOWN : { ...ZERO, rows: seq, files: id, deleteFiles: seq % 2 },
    removed: { ...ZERO, bytes: seq % 2 },
  })
  for (const [index, table] of [
    ['a', 'b.c', 't'],
    ['a.b', 't'],
    ['z', 'T'],
  ].entries()) {
    const id = 10 + index
    await home.database.commit([
      newHistoryChange({
        id,
        table: { catalog: id === 12 ? 'other' : 'local', namespace: table.slice(0, -1), table: table.at(-1) ?? '' },
        tableUuid: `u-${id}`,
        metadataLocation: 'file:///v1.json',
        version: { properties: {} } as never,
        state: { ...EMPTY_HISTORY, seq: 30 },
        droppedAtMs: null,
      }),
      ...addedFactChanges(
        { id, catalog: 'local' },
        { rows: Array.from({ length: 30 }, (_, i) => fact(i + 1, id)), events: [] },
      ),
      ...columnChanges(id),
    ])
  }
})

/** The bytes of a column on some days, and of all others. */
function columnChanges(tableId: number): Change[] {
  const name = `amount é${tableId}`
  return [
    rawChange("INSERT INTO fact_column_sizes VALUES (?, 3, ?, 'long', 1, 2, 3, 0, '[]', '[]', NULL)", [tableId, name]),
    ...[0, 3].flatMap((fieldId) =>
      [20_000, 20_003, 20_007, 20_010].map((day) =>
        rawChange('INSERT INTO fact_column_days VALUES (?, ?, ?, ?, 20, 30)', [
          tableId,
          fieldId,
          day,
          day % 7 === 0 ? -5 : 10,
        ]),
      ),
    ),
  ]
}

/** Conditions that some values of a column pass, and values next to them. */
function conditions({ name, type }: NestedField, values: readonly Value[]): fc.Arbitrary<Predicate> {
  const value = fc.oneof(
    fc.constantFrom(...(values.length === 0 ? [type === 'string' ? 'x' : 1n] : values)),
    fc.constant(type === 'string' ? 'e' : type === 'date' ? 20_000 : ID),
  )
  const literal = value.map((one) => toText(type as string, one))
  const text = literal.map((one) => (typeof one === 'string' ? one.slice(0, 2) : one))
  return fc.oneof(
    fc.constantFrom<'is-null' | 'not-null'>('is-null', 'not-null').map((kind) => ({ kind, column: name })),
    fc.tuple(fc.constantFrom(...COMPARISONS), literal).map(([kind, one]) => ({ kind, column: name, value: one })),
    fc
      .tuple(fc.constantFrom<'in' | 'not-in'>('in', 'not-in'), fc.array(literal, { minLength: 1, maxLength: 3 }))
      .map(([kind, all]) => ({ kind, column: name, values: all })),
    ...(type === 'string'
      ? [fc.tuple(fc.constantFrom(...TEXT_TESTS), text).map(([kind, one]) => ({ kind, column: name, value: one }))]
      : []),
  )
}

function toText(type: string, value: Value) {
  if (type === 'date') return new Date(Number(value) * 24 * HOUR_MS).toISOString().slice(0, 10)
  if (type !== 'timestamptz') return value as string | bigint
  const micros = value as bigint
  const instant = new Date(Number(micros / 1000n)).toISOString().replace('Z', '')
  // Sometimes between two milliseconds, which no stored time is.
  return `${instant}${micros % 2000n === 0n ? '' : '5'}+00:00`
}

function passes(predicate: BoundPredicate, fields: readonly NestedField[], row: readonly (Value | null)[]): boolean {
  return evaluate(predicate, (condition) => {
    const index = fields.findIndex(({ id }) => id === condition.column.fieldId)
    const value = row[index] ?? null
    if (value === null) return condition.kind === 'is-null'
    return createValueTest(condition)(toComparable(condition.column.type as 'string', value))
  })
}

async function readAll(
  name: HistoryTableName,
  predicate: BoundPredicate,
  order: (typeof HISTORY_ORDERS)[number],
  limit: number,
) {
  const owners = chooseOwners(await readHistoryOwners(home.database), name, predicate)
  const { columns } = HISTORY_TABLES[name]
  // How rows are found makes no difference.
  const areMost = limit % 2 === 0
  const selection = { name, owners, areMost, predicate, sizes: { rows: limit + 3, fewFacts: limit } }
  const rows: (Value | null)[][] = []
  for (let after: HistoryPosition | null = null; ; ) {
    const page = await readHistoryPage(home.database, selection, { columns, order, after, limit })
    expect(page.rows.length).toBeLessThanOrEqual(limit)
    rows.push(...page.rows)
    after = page.next
    if (after === null) break
  }
  const all = { limit: Number.POSITIVE_INFINITY, timeoutMs: Number.POSITIVE_INFINITY }
  expect(await countHistoryRows(home.database, selection, all)).toEqual({
    rowCount: rows.length,
    isExact: true,
  })
  return rows
}

const text = (rows: readonly (readonly (Value | null)[])[]) => rows.map((row) => row.map(String).join('|')).toSorted()

it.each(HISTORY_TABLE_NAMES)(
  'The history table %s has the rows that a filter passes, in pages of any size and order',
  async (name) => {
    const fields = toFields(HISTORY_TABLES[name].columns)
    const all = await readAll(name, { kind: 'true' }, 'any', 1_000)
    expect(all.length).toBeGreaterThan(20)
    const columns = fields.map((field, i) =>
      conditions(
        field,
        all.flatMap((row) => row[i] ?? []),
      ),
    )
    const condition = fc.oneof(...columns)
    const both = fc.array(condition, { minLength: 1, maxLength: 3 })
    const predicate: fc.Arbitrary<Predicate> = fc.oneof(
      condition,
      both.map((parts) => ({ kind: 'and' as const, parts })),
      both.map((parts) => ({ kind: 'or' as const, parts })),
      condition.map((part) => ({ kind: 'not' as const, part })),
    )
    await fc.assert(
      fc.asyncProperty(
        predicate,
        fc.constantFrom(...(HISTORY_TABLES[name].isByTime ? HISTORY_ORDERS : (['any'] as const))),
        fc.integer({ min: 1, max: 40 }),
        async (unbound, order, limit) => {
          const bound = bindPredicate(unbound, { fields })
          const rows = await readAll(name, bound, order, limit)
          expect(text(rows)).toEqual(text(all.filter((row) => passes(bound, fields, row))))
          const times = rows.map(([time]) => Number(time))
          const direction = { 'oldest-first': 1, 'newest-first': -1, any: 0 }[order]
          expect(times).toEqual(times.toSorted((a, b) => direction * (a - b)))
        },
      ),
      propertyRuns(600),
    )
  },
)
