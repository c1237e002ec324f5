import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { propertyRuns } from '@/testing/property-cases'
import { sourceOf } from '@/testing/parquet/hand-made-file'
import { pageCodecs } from '@/testing/parquet/page-codecs'
import type { ReserveMemory } from '@/lib/parquet/values'
import type { NestedField } from '@/lib/iceberg/schema/types'
import { bindPredicate } from '../predicate/bind-predicate'
import { COMPARISONS, type Literal, type Predicate } from '../predicate/predicate'
import { type OpenDataFile, openDataFile } from '../read/data-file'
import { findMatches } from './find-matches'
import type { RowSkipReason } from './prune-row-group'

/**
 * Files that DuckDB wrote, with statistics, dictionaries and bloom filters, and rows that DuckDB's own SQL selects from
 * them. Only one column has NaN, which DuckDB sorts after all numbers.
 */

const ROWS = 12_000
const COLUMNS = [
  ['n', 'int', 'INTEGER', `range::INTEGER`],
  ['big', 'long', 'BIGINT', '9007199254740993 + range // 100'],
  ['word', 'string', 'VARCHAR', `['ab', 'abc', 'b', 'Zürich', '🦆', chr(65535)][1 + (range // 2500 + range % 2)::INT]`],
  ['text', 'string', 'VARCHAR', `md5((range // 7)::VARCHAR)`],
  ['price', 'decimal(9, 2)', 'DECIMAL(9,2)', '(range // 50)::DECIMAL(9,2) / 100 - 1'],
  ['wide', 'decimal(38, 3)', 'DECIMAL(38,3)', '(range // 50) * 10000000000000000000000.001::DECIMAL(38,3)'],
  ['day', 'date', 'DATE', `DATE '1969-06-01' + (range // 40)::INT`],
  ['clock', 'time', 'TIME', `TIME '00:00:00' + to_seconds(range)`],
  ['happened', 'timestamp', 'TIMESTAMP', `TIMESTAMP '1969-12-31 20:00:00' + to_seconds(range)`],
  ['exact', 'timestamp_ns', 'TIMESTAMP_NS', 'make_timestamp_ns(range * 1001)'],
  ['key', 'uuid', 'UUID', `md5((range // 100)::VARCHAR)::UUID`],
  ['blob', 'binary', 'BLOB', `unhex(md5((range // 1000)::VARCHAR))`],
  ['ratio', 'float', 'FLOAT', '(range // 10) / 10 - 3'],
  ['share', 'double', 'DOUBLE', 'CASE WHEN range % 5 = 0 THEN -0.0 ELSE (range // 10) / 10 END'],
  ['flag', 'boolean', 'BOOLEAN', 'range < 5000'],
  ['nothing', 'int', 'INTEGER', 'NULL::INTEGER'],
  ['whole', 'long', 'BIGINT', 'range // 3'],
  ['town', 'string', 'VARCHAR', `'town ' || chr(65 + (range // 1000)::INT) || ' ' || md5((range // 7)::VARCHAR)`],
] as const
/** The others have some. */
const WITHOUT_NULLS = ['whole', 'town']

const NULLABLE = `CASE WHEN range % 11 = 3 THEN NULL ELSE`
const fields: NestedField[] = [
  ...COLUMNS.map(([name, type], i): NestedField => ({ id: i + 1, name, required: false, type })),
  {
    id: 50,
    name: 'geo',
    required: false,
    type: { type: 'struct', fields: [{ id: 51, name: 'lat', required: false, type: 'int' }] },
  },
  { id: 60, name: 'level', required: false, type: 'double' },
]

let folder: string
let duckdb: DuckDBConnection
const openFiles = new Map<string, OpenDataFile>()
const tallies = new Map<string, { bytesRead: number; requests: number }>()
/** Samples of each column, as SQL writes them. */
const samples = new Map<string, string[]>()

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'lakeshore-matches-'))
  duckdb = await (await DuckDBInstance.create()).connect()
  await duckdb.run("SET TimeZone = 'UTC'")
  const columns = COLUMNS.map(([name, , sqlType, sql]) => {
    const value = WITHOUT_NULLS.includes(name) ? sql : `${NULLABLE} ${sql} END`
    return `(${value})::${sqlType} AS ${name}`
  })
  const geo = `CASE WHEN range % 13 = 0 THEN NULL ELSE {lat: CASE WHEN range % 3 = 0 THEN NULL ELSE (range // 20)::INT END} END AS geo`
  const level = `CASE WHEN range % 100 = 7 THEN 'NaN'::DOUBLE ELSE range END AS level`
  const selected = [...columns, geo, level].join(', ')
  await duckdb.run(`CREATE TABLE rows AS SELECT range AS position, ${selected} FROM range(${ROWS})`)
  for (const [name] of COLUMNS) {
    const result = await duckdb.runAndReadAll(
      `SELECT DISTINCT ${name}::VARCHAR FROM rows WHERE ${name} IS NOT NULL AND position % 500 < 3 ORDER BY 1`,
    )
    samples.set(
      name,
      result.getRows().map(([value]) => String(value)),
    )
  }
  const ids = [...COLUMNS.map(([name], i) => `${name}: ${i + 1}`), 'geo: {__duckdb_field_id: 50, lat: 51}', 'level: 60']
  const names = [...COLUMNS.map(([name]) => name), 'geo', 'level'].join(', ')
  for (const version of ['V1', 'V2']) {
    const file = path.join(folder, `${version}.parquet`)
    await duckdb.run(
      `COPY (SELECT ${names} FROM rows ORDER BY position) TO '${file}' (FORMAT parquet, PARQUET_VERSION ${version}, ROW_GROUP_SIZE 2048, FIELD_IDS {${ids.join(', ')}})`,
    )
    const facts = { recordCount: ROWS, constants: new Map(), nameMapping: null }
    const tally = { bytesRead: 0, requests: 0 }
    tallies.set(version, tally)
    const options = { codecs: pageCodecs, tally, tailBytes: 65_536 }
    openFiles.set(version, await openDataFile(sourceOf(readFileSync(file)), facts, options))
  }
})
afterAll(() => {
  duckdb.closeSync()
  rmSync(folder, { recursive: true })
})

type Condition = { predicate: Predicate; sql: string }

function arbitraryCondition(): fc.Arbitrary<Condition> {
  return fc.constantFrom(...COLUMNS).chain(([name, type, sqlType]) => {
    const known = samples.get(name) ?? []
    const literal = known.length > 0 ? fc.constantFrom(...known) : fc.constant('1')
    const toSql = (text: string) =>
      type === 'binary' ? `unhex('${toHexText(text)}')` : `'${text.replaceAll("'", "''")}'::${sqlType}`
    const columnOf = fc.constant(name)
    const comparison = fc.record({ kind: fc.constantFrom(...COMPARISONS), column: columnOf, text: literal }).map(
      ({ kind, column, text }): Condition => ({
        predicate: { kind, column, value: toLiteral(type, text) },
        sql: `${column} ${SQL[kind]} ${toSql(text)}`,
      }),
    )
    const nulls = fc.constantFrom('is-null' as const, 'not-null' as const).map(
      (kind): Condition => ({
        predicate: { kind, column: name },
        sql: `${name} ${kind === 'is-null' ? 'IS NULL' : 'IS NOT NULL'}`,
      }),
    )
    const sets = fc.record({ isIn: fc.boolean(), texts: fc.array(literal, { minLength: 1, maxLength: 3 }) }).map(
      ({ isIn, texts }): Condition => ({
        predicate: { kind: isIn ? 'in' : 'not-in', column: name, values: texts.map((text) => toLiteral(type, text)) },
        sql: `${name} ${isIn ? '' : 'NOT '}IN (${texts.map(toSql).join(', ')})`,
      }),
    )
    const part = fc
      .record({
        is: fc.boolean(),
        kind: fc.constantFrom('starts-with', 'contains', 'ends-with'),
        text: literal,
        start: fc.nat(3),
        length: fc.nat(4),
      })
      .map(({ is, kind, text, start, length }): Condition => {
        const from = kind === 'starts-with' ? 0 : start
        const value = Array.from(text)
          .slice(from, kind === 'ends-with' ? undefined : from + length)
          .join('')
        const call = `${kind.replace('-', '_')}(${name}, '${value}')`
        return {
          predicate: { kind: is ? kind : `not-${kind}`, column: name, value },
          sql: `${is ? '' : 'NOT '}${call}`,
        }
      })
    const options = [
      { arbitrary: comparison, weight: 5 },
      { arbitrary: nulls, weight: 1 },
      { arbitrary: sets, weight: 2 },
    ]
    return fc.oneof(...options, ...(type === 'string' ? [{ arbitrary: part, weight: 5 }] : []))
  })
}

const SQL = { eq: '=', 'not-eq': '<>', lt: '<', 'lt-eq': '<=', gt: '>', 'gt-eq': '>=' } as const

/** DuckDB prints bytes as `\xAB` or characters. */
function toHexText(text: string): string {
  return text.replaceAll(/\\x([0-9A-F]{2})|([^])/g, (_, hex: string | undefined, char: string | undefined) =>
    hex === undefined ? (char?.charCodeAt(0).toString(16).padStart(2, '0') ?? '') : hex,
  )
}

function toLiteral(type: string, text: string): Literal {
  if (type === 'boolean') return text === 'true'
  if (type === 'binary') return toHexText(text)
  if (type === 'int' || type === 'float' || type === 'double') return Number(text)
  return type === 'long' ? BigInt(text) : text
}

function arbitraryFilter(): fc.Arbitrary<Condition> {
  const condition = arbitraryCondition()
  const join = (kind: 'and' | 'or') =>
    fc.array(condition, { minLength: 2, maxLength: 3 }).map(
      (parts): Condition => ({
        predicate: { kind, parts: parts.map(({ predicate }) => predicate) },
        sql: parts.map(({ sql }) => `(${sql})`).join(` ${kind} `),
      }),
    )
  const joined = fc.oneof(condition, join('and'), join('or'))
  const negated = joined.map(
    ({ predicate, sql }): Condition => ({ predicate: { kind: 'not', part: predicate }, sql: `NOT (${sql})` }),
  )
  return fc.oneof({ arbitrary: joined, weight: 3 }, { arbitrary: negated, weight: 1 })
}

async function match(
  predicate: Predicate,
  version: string,
  use: readonly RowSkipReason[],
  reserveMemory: ReserveMemory = () => undefined,
) {
  const file = openFiles.get(version)
  if (!file) throw new Error(`there is no file of version ${version}`)
  const positions: number[] = []
  const skipped = new Map<RowSkipReason, number>()
  const options = { createBudget: () => reserveMemory, use }
  const before = tallies.get(version)?.bytesRead ?? 0
  for await (const group of findMatches(bindPredicate(predicate, { fields }), file, options)) {
    positions.push(...group.positions)
    if (group.reason) skipped.set(group.reason, (skipped.get(group.reason) ?? 0) + group.skippedRows)
  }
  return { positions, skipped, bytesRead: (tallies.get(version)?.bytesRead ?? 0) - before }
}

async function selectPositions(sql: string): Promise<number[]> {
  const result = await duckdb.runAndReadAll(`SELECT position FROM rows WHERE ${sql} ORDER BY position`)
  return result.getRows().map(([position]) => Number(position))
}

const EQ_FIVE = { kind: 'eq', column: 'n', value: 5 } as const
const ALL_WHOLE = { kind: 'gt-eq', column: 'whole', value: 0 } as const
const LEVELS: readonly (readonly RowSkipReason[])[] = [
  [],
  ['statistics'],
  ['bloom-filter'],
  ['dictionary'],
  ['statistics', 'bloom-filter', 'dictionary', 'page-index'],
]

describe('The matching rows of a file', () => {
  it('are those that DuckDB selects, whatever is skipped', async () => {
    await fc.assert(
      fc.asyncProperty(arbitraryFilter(), fc.constantFrom('V1', 'V2'), async ({ predicate, sql }, version) => {
        const expected = await selectPositions(sql)
        for (const use of LEVELS) {
          expect((await match(predicate, version, use)).positions).toEqual(expected)
        }
      }),
      propertyRuns(40),
    )
  })

  it.each([
    ['statistics', { kind: 'lt', column: 'n', value: 100 }, 'n < 100'],
    ['statistics', { kind: 'not-null', column: 'nothing' }, 'false'],
    ['bloom-filter', { kind: 'eq', column: 'key', value: '00000000-0000-4000-8000-000000000000' }, 'false'],
    ['bloom-filter', { kind: 'in', column: 'word', values: ['abb', 'aa'] }, 'false'],
    ['dictionary', { kind: 'starts-with', column: 'word', value: 'ac' }, 'false'],
    ['dictionary', { kind: 'contains', column: 'word', value: 'zz' }, 'false'],
  ] as const)('are found without those that the %s excludes', async (reason, predicate, sql) => {
    const { positions, skipped } = await match(predicate, 'V1', [reason])
    expect(positions).toEqual(await selectPositions(sql))
    expect(skipped.get(reason)).toBeGreaterThan(0)
  })

  it.each([
    ['a bound', { kind: 'gt-eq', column: 'whole', value: 0 }],
    ['a range of text', { kind: 'lt', column: 'town', value: 'town Z' }],
    ['no nulls', { kind: 'not-null', column: 'town' }],
    ['nulls alone', { kind: 'is-null', column: 'nothing' }],
    ['other values', { kind: 'not-in', column: 'whole', values: [-1, 5_000] }],
    ['either', { kind: 'or', parts: [EQ_FIVE, { kind: 'lt', column: 'whole', value: 9_000 }] }],
  ] as const)('are all rows, without that any is read, when the statistics say so: %s', async (_, predicate) => {
    const { positions, bytesRead } = await match(predicate, 'V2', ['statistics'])
    expect(positions).toEqual(Array.from({ length: ROWS }, (__, row) => row))
    expect(bytesRead).toBe(0)
  })

  it('are not collected beyond the limit of memory, although none is read', async () => {
    let reservedBytes = 0
    const collected = match({ kind: 'not-null', column: 'whole' }, 'V2', ['statistics'], (bytes) => {
      reservedBytes += bytes
      if (reservedBytes > 4 * 2_048) throw new RangeError('the limit')
    })
    await expect(collected).rejects.toThrow('the limit')
  })

  it.each([
    ['nulls', { kind: 'gt', column: 'n', value: -1 }, 'n > -1'],
    ['nulls of an opposite', { kind: 'not-eq', column: 'n', value: -1 }, 'n <> -1'],
    ['NaN', { kind: 'gt-eq', column: 'level', value: 0 }, 'level >= 0 AND NOT isnan(level)'],
    ['NaN itself', { kind: 'not-nan', column: 'level' }, 'NOT isnan(level)'],
    ['one row', { kind: 'not-eq', column: 'whole', value: 0 }, 'whole <> 0'],
    ['a condition of several', { kind: 'and', parts: [ALL_WHOLE, EQ_FIVE] }, 'whole >= 0 AND n = 5'],
  ] as const)('are read when not all pass because of %s', async (_, predicate, sql) => {
    const { positions, bytesRead } = await match(predicate, 'V2', ['statistics'])
    expect(positions).toEqual(await selectPositions(sql))
    expect(bytesRead).toBeGreaterThan(0)
  })

  it.each([
    ['lat > 300', { kind: 'gt', column: 'geo.lat', value: 300 }, 'geo.lat > 300'],
    ['lat is null', { kind: 'is-null', column: 'geo.lat' }, 'geo.lat IS NULL'],
    ['geo is null', { kind: 'is-null', column: 'geo' }, 'geo IS NULL'],
    ['not lat = 5', { kind: 'not', part: { kind: 'eq', column: 'geo.lat', value: 5 } }, 'NOT geo.lat = 5'],
  ] as const)('can be chosen inside a struct: %s', async (_, predicate, sql) => {
    expect((await match(predicate, 'V2', LEVELS[4] ?? [])).positions).toEqual(await selectPositions(sql))
  })
})
