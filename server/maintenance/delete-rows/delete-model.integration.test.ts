import { expect, it } from 'vitest'
import type { NestedField } from '@/lib/iceberg/schema/types'
import { deleteByEquality } from '@/testing/catalogs/delete-by-equality'
import { deleteRows } from '@/testing/catalogs/delete-rows'
import { readTableRows } from '@/testing/catalogs/read-table-rows'
import { findStrayFiles } from '@/testing/catalogs/test-catalog'
import { createTestHome } from '@/testing/homes/test-home'
import { LandingTable } from '@/testing/ingest/landing-table'
import { column } from '@/testing/ingest/test-staging'
import { deleteMatchingRows } from '@/testing/jobs/delete-rows'
import { createRandom } from '@/testing/seeded-random'

/**
 * Random rows, layouts, deletes of others and filters. The test decides which rows match by the rules of SQL, without the
 * code under test: the other rows have to stay as they are, with their row ids.
 */

const home = createTestHome({ LAKESHORE_CATALOG_NAME: 'lake' })

const STEPS = 5
const MAX_LONG = 9_223_372_036_854_775_807n
const CITIES = ['a', 'ab', 'b', 'é', '']
/** The least with a multiple of ten below it: loads reject those without one. */
const LEAST_TRUNCATED = -9_223_372_036_854_775_800n
const LONGS = [MAX_LONG, MAX_LONG - 1n, LEAST_TRUNCATED, 0n, 9_007_199_254_740_993n, 9_007_199_254_740_992n]
const DOUBLES = ['NaN', '-0', '0', '1.5', 'Infinity', '-1e300']
const DECIMALS = ['12345678901234567890.123', '12345678901234567890.124', '-0.001', '0']
const TIMES = ['2024-01-31T23:59:59.999999', '2024-02-01T00:00:00', '1969-12-31T23:59:59.999999']
const NANOS = ['2024-01-31T23:59:59.999999999', '2024-02-01T00:00:00.000000001', '1969-12-31T23:59:59.999999999']

const fieldsOf = (formatVersion: string): NestedField[] => [
  column(1, 'id', 'long', true),
  column(2, 'city', 'string'),
  column(3, 'n', 'long'),
  column(4, 'x', 'double'),
  column(5, 'd', 'decimal(23, 3)'),
  column(6, 't', formatVersion === '3' ? 'timestamp_ns' : 'timestamp'),
]

/** Texts as in the CSV; null is a null. `id` is the key of the model. */
type Row = Record<'city' | 'n' | 'x' | 'd' | 't', string | null>
type Random = (limit: number) => number

const LAYOUTS = [
  null,
  'city',
  'bucket(3, n)',
  'month(t)',
  'truncate(10, n), city',
  // Which rows a file has is not known by this one.
  'truncate(1, city)',
] as const

const CASES = ['1', '2', '3'].flatMap((formatVersion) =>
  LAYOUTS.flatMap((partitionBy, i) =>
    (formatVersion === '1' ? ['copy-on-write'] : ['merge-on-read', 'copy-on-write']).map((mode, j) => ({
      formatVersion,
      partitionBy,
      mode,
      seed: Number(formatVersion) * 100 + i * 10 + j,
    })),
  ),
)

it.each(CASES)(
  'Deletions by random filters remove exactly the rows that match: v$formatVersion, $mode, partitions $partitionBy, seed $seed',
  async ({ formatVersion, partitionBy, mode, seed }) => {
    const random = createRandom(seed * 7919)
    const table = await LandingTable.create(home.services, {
      fields: fieldsOf(formatVersion),
      partitionBy,
      properties: { 'format-version': formatVersion, 'write.delete.mode': mode },
    })
    const model = new Map<string, Row>()
    for (let step = 0; step < STEPS; step += 1) {
      await append(table, model, { random, formatVersion })
      if (formatVersion !== '1' && random(2) === 0) await deleteAsOther(table, model, random)
      if (step === 2) await changePartitioning(table)
      const before = await readTableRows(await table.loaded())
      expect(before.map(idOf).sort()).toEqual([...model.keys()].sort())
      const filter = randomFilter(random, formatVersion, 2)
      const deleted = new Set([...model].flatMap(([id, row]) => (filter.test(row) === true ? [id] : [])))
      const run = await deleteMatchingRows(home.services, table.identifier, filter.text)
      expect(run, filter.text).toMatchObject({ state: 'succeeded', outcome: { rowsDeleted: deleted.size, mode } })
      for (const id of deleted) model.delete(id)
      // Equal with their lineage. Rows of an older format have none.
      expect(await readTableRows(await table.loaded()), filter.text).toEqual(
        before.filter((row) => !deleted.has(idOf(row))),
      )
      const hasCopied = mode === 'copy-on-write' && run.outcome?.snapshotId !== null
      const written = hasCopied ? (await table.summary())['added-position-deletes'] : undefined
      expect(written, filter.text).toBeUndefined()
    }
    expect(await findStrayFiles(home.services)).toEqual([])
  },
)

function idOf(row: string): string {
  const [id] = JSON.parse(row) as string[]
  return id ?? ''
}

let nextId = 0

async function append(
  table: LandingTable,
  model: Map<string, Row>,
  { random, formatVersion }: { random: Random; formatVersion: string },
): Promise<void> {
  const pick = (values: readonly string[]) => (random(5) === 0 ? null : (values[random(values.length)] ?? null))
  const rows = Array.from({ length: 1 + random(12) }, () => {
    const row: Row = {
      city: pick(CITIES),
      n: pick(LONGS.map(String)),
      x: pick(DOUBLES),
      d: pick(DECIMALS),
      t: pick(timesOf(formatVersion)),
    }
    return { id: String((nextId += 1)), row }
  })
  for (const { id, row } of rows) model.set(id, row)
  const cell = (value: string | null) => (value === null ? '' : `"${value}"`)
  const lines = rows.map(({ id, row }) => [id, ...Object.values(row).map(cell)].join(','))
  await table.appendAsOther(`id,city,n,x,d,t\n${lines.join('\n')}\n`)
}

/** Another writer deletes a row of a data file, by its position or by its id. */
async function deleteAsOther(table: LandingTable, model: Map<string, Row>, random: Random): Promise<void> {
  const files = await table.files()
  const named = new Set(files.flatMap(({ dataFile }) => dataFile.referencedDataFile ?? []))
  const whole = files.filter(({ dataFile }) => dataFile.content === 'data' && !named.has(dataFile.filePath))
  const file = whole[random(Math.max(1, whole.length))]
  if (!file) return
  const ids = await table.idsInFile(file)
  const position = random(ids.length)
  const id = ids[position] ?? ''
  if (random(2) === 0) await deleteRows(home.services, table.identifier, file, [position])
  else await deleteByEquality(home.services, table.identifier, file, { fieldId: 1, values: [BigInt(id)] })
  model.delete(id)
}

/** Later files are partitioned in another way. */
async function changePartitioning(table: LandingTable): Promise<void> {
  await table.update([
    {
      action: 'add-spec',
      spec: { specId: -1, fields: [{ sourceId: 1, fieldId: 1900, name: 'id_bucket', transform: 'bucket[2]' }] },
    },
    { action: 'set-default-spec', specId: -1 },
  ])
}

function timesOf(formatVersion: string): string[] {
  return formatVersion === '3' ? NANOS : TIMES
}

/** Null is unknown, as in SQL. */
type Truth = boolean | null
type Filter = { text: string; test: (row: Row) => Truth }

function randomFilter(random: Random, formatVersion: string, depth: number): Filter {
  if (depth > 0 && random(2) === 0) {
    const [a, b] = [randomFilter(random, formatVersion, depth - 1), randomFilter(random, formatVersion, depth - 1)]
    if (random(3) === 0) return { text: `not (${a.text})`, test: (row) => negate(a.test(row)) }
    const isAnd = random(2) === 0
    return {
      text: `(${a.text}) ${isAnd ? 'and' : 'or'} (${b.text})`,
      test: (row) => join(a.test(row), b.test(row), isAnd),
    }
  }
  return randomCondition(random, formatVersion)
}

function randomCondition(random: Random, formatVersion: string): Filter {
  const names = ['city', 'n', 'x', 'd', 't'] as const
  const name = names[random(names.length)] ?? 'n'
  if (random(5) === 0) return { text: `${name} is null`, test: (row) => row[name] === null }
  if (name === 'x' && random(4) === 0) return { text: 'x is nan', test: ({ x }) => (x === null ? null : x === 'NaN') }
  if (name === 'city' && random(3) === 0)
    return { text: 'city starts with "a"', test: ({ city }) => (city === null ? null : city.startsWith('a')) }
  const values = {
    city: CITIES,
    n: LONGS.map(String),
    x: DOUBLES.filter((value) => value !== 'NaN' && value !== 'Infinity'),
    d: DECIMALS,
    t: timesOf(formatVersion),
  }[name]
  const value = values[random(values.length)] ?? ''
  const literal = name === 'city' || name === 't' ? `"${value}"` : value
  const operators = ['=', '!=', '<', '<=', '>', '>='] as const
  const operator = operators[random(operators.length)] ?? '='
  return {
    text: `${name} ${operator} ${literal}`,
    test: (row) => compare(name, row[name], operator, value),
  }
}

function compare(name: keyof Row, left: string | null, operator: string, right: string): Truth {
  if (left === null) return null
  // NaN has no order, and equals nothing; its opposite is true for it.
  if (name === 'x' && left === 'NaN') return operator === '!='
  const [a, b] = [comparable(name, left), comparable(name, right)]
  const order = a < b ? -1 : a > b ? 1 : 0
  switch (operator) {
    case '=':
      return order === 0
    case '!=':
      return order !== 0
    case '<':
      return order < 0
    case '<=':
      return order <= 0
    case '>':
      return order > 0
    default:
      return order >= 0
  }
}

function comparable(name: keyof Row, text: string): bigint | number | string {
  if (name === 'n') return BigInt(text)
  if (name === 'x') return Number(text)
  if (name !== 'd') return text
  const [whole = '0', fraction = ''] = text.replace('-', '').split('.')
  const scaled = BigInt(whole + fraction.padEnd(3, '0'))
  return text.startsWith('-') ? -scaled : scaled
}

function negate(truth: Truth): Truth {
  return truth === null ? null : !truth
}

function join(a: Truth, b: Truth, isAnd: boolean): Truth {
  if (a === !isAnd || b === !isAnd) return !isAnd
  return a === null || b === null ? null : isAnd
}
