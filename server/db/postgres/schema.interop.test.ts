import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { Client } from 'pg'
import { describe, expect, onTestFinished, test } from 'vitest'
import { peer } from '@/scripts/interop/peer'
import { POSTGRES_AGES, type PostgresAge } from '@/scripts/postgres-program'
import { createTestDatabase, sharedPostgres } from '@/scripts/test-postgres'
import { prepareFile } from '../sqlite/prepare-file'
import { openPostgres } from './open'

type Schema = Record<string, Table>
type Table = {
  columns: Record<string, { type: string; isNullable: boolean; default: string | null }>
  primaryKey: string[]
  /** Each as its columns, also the primary key; where case does not count, `lower(column)`. */
  uniques: string[]
  /** What an index begins with, whichever kind of index it is. */
  indexed: string[]
  references: string[]
  /** The values that a column may have. */
  checks: string[]
}

const oldest = await peer('PostgreSQL', () => sharedPostgres('oldest'))

/** Each list of columns once, as text. */
function lists(all: readonly (readonly string[])[]): string[] {
  return [...new Set(all.map((columns) => columns.join(', ')))].sort()
}

function schemaOfSqlite(): Schema {
  const folder = mkdtempSync(path.join(tmpdir(), 'lakeshore-schema-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const file = path.join(folder, 'lakeshore.db')
  prepareFile(file)
  const database = new DatabaseSync(file)
  onTestFinished(() => database.close())
  const all = (sql: string, ...params: string[]) => database.prepare(sql).all(...params)
  const tables = all("SELECT name, sql FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%'")
  return Object.fromEntries(
    tables.map(({ name, sql }): [string, Table] => {
      const table = String(name)
      const columns = all('SELECT * FROM pragma_table_info(?)', table)
      const primaryKey = columns
        .filter(({ pk }) => Number(pk) > 0)
        .sort((one, other) => Number(one.pk) - Number(other.pk))
        .map((column) => String(column.name))
      const indexes = all('SELECT name, "unique" AS is_unique FROM pragma_index_list(?)', table).map((index) => ({
        isUnique: index.is_unique === 1,
        columns: all('SELECT * FROM pragma_index_xinfo(?) WHERE key = 1 ORDER BY seqno', String(index.name)).map(
          ({ name, coll, desc }) => `${coll === 'NOCASE' ? `lower(${name})` : name}${desc === 1 ? ' DESC' : ''}`,
        ),
      }))
      return [
        table,
        {
          columns: Object.fromEntries(
            columns.map((column) => [
              String(column.name),
              {
                type: String(column.type).replace('INTEGER', 'integer').replace('TEXT', 'text').toLowerCase(),
                // SQLite takes nulls in a key of a table that is not strict.
                isNullable: column.notnull === 0 && column.pk === 0,
                default: column.dflt_value === null ? null : String(column.dflt_value),
              },
            ]),
          ),
          primaryKey,
          uniques: lists([primaryKey, ...indexes.filter(({ isUnique }) => isUnique).map(({ columns }) => columns)]),
          indexed: lists([primaryKey, ...indexes.map(({ columns }) => columns)]),
          references: all('SELECT * FROM pragma_foreign_key_list(?)', table)
            .map((key) => `${key.from} -> ${key.table}.${key.to} ${key.on_delete}`)
            .sort(),
          checks: [...String(sql).matchAll(/CHECK \((\w+) (?:IN|=) (.*?)\)/g)]
            .map(([, column, values = '']) => `${column}: ${valuesIn(values)}`)
            .sort(),
        },
      ]
    }),
  )
}

async function schemaOfPostgres(age: PostgresAge): Promise<Schema> {
  const { url, drop } = await createTestDatabase(await sharedPostgres(age))
  onTestFinished(drop)
  await (await openPostgres({ url, schema: 'lakeshore', poolSize: 2, statementTimeoutMs: 30_000 })).close()
  const client = new Client({ connectionString: url, options: '-c search_path=lakeshore' })
  await client.connect()
  onTestFinished(() => client.end())
  const all = async (sql: string) => (await client.query<Record<string, string | string[] | boolean | null>>(sql)).rows
  const columns = await all(`SELECT table_name, column_name, data_type, character_maximum_length AS length, is_nullable,
    column_default FROM information_schema.columns WHERE table_schema = 'lakeshore' ORDER BY ordinal_position`)
  const indexes = await all(`SELECT indrelid::regclass::text AS table, indisunique, indisprimary,
    ARRAY(SELECT pg_get_indexdef(indexrelid, k, true) || CASE WHEN indoption[k - 1] & 1 = 1 THEN ' DESC' ELSE '' END
      FROM generate_series(1, indnkeyatts) k ORDER BY k) AS columns
    FROM pg_index JOIN pg_class ON pg_class.oid = indrelid WHERE relnamespace = 'lakeshore'::regnamespace`)
  const constraints =
    await all(`SELECT conrelid::regclass::text AS table, contype, pg_get_constraintdef(oid) AS definition
    FROM pg_constraint WHERE connamespace = 'lakeshore'::regnamespace`)
  const tables = new Set(columns.map((column) => String(column.table_name)))
  return Object.fromEntries(
    [...tables].map((table): [string, Table] => {
      const ofTable = indexes.filter((index) => index.table === table)
      const listed = (some: typeof ofTable) => some.map((index) => index.columns as string[])
      const defined = (kind: string) =>
        constraints.filter((one) => one.table === table && one.contype === kind).map((one) => String(one.definition))
      return [
        table,
        {
          columns: Object.fromEntries(
            columns
              .filter((column) => column.table_name === table)
              .map((column) => [
                String(column.column_name),
                {
                  type: String(column.data_type)
                    .replace('bigint', 'integer')
                    .replace('character varying', `varchar(${String(column.length)})`),
                  isNullable: column.is_nullable === 'YES',
                  default: column.column_default === null ? null : String(column.column_default),
                },
              ]),
          ),
          primaryKey: listed(ofTable.filter((index) => index.indisprimary === true)).flat(),
          uniques: lists(listed(ofTable.filter((index) => index.indisunique === true))),
          indexed: lists(listed(ofTable)),
          references: defined('f')
            .map((definition) =>
              definition.replace(
                /^FOREIGN KEY \((\w+)\) REFERENCES (?:\w+\.)?(\w+)\((\w+)\) ON DELETE (\w+)$/,
                '$1 -> $2.$3 $4',
              ),
            )
            .sort(),
          checks: defined('c')
            .map((definition) => `${/\(\(+(\w+)/.exec(definition)?.[1]}: ${valuesIn(definition)}`)
            .sort(),
        },
      ]
    }),
  )
}

/** Quoted words and numbers. */
function valuesIn(text: string): string {
  return [...text.matchAll(/'([^']*)'|\b(\d+)\b/g)].map(([, word, number]) => word ?? number).join(', ')
}

describe.skipIf(oldest === null)('The tables (skipped where PostgreSQL cannot be had)', () => {
  test.each(POSTGRES_AGES)('of a new database in the %s PostgreSQL are those of SQLite', async (age) => {
    const [sqlite, { commit_marks: marks, ...postgres }] = [schemaOfSqlite(), await schemaOfPostgres(age)]
    expect(marks).toBeDefined()
    expect(postgres).toEqual(sqlite)
    expect(Object.keys(sqlite)).toHaveLength(19)
    expect(sqlite.users?.uniques).toEqual(['id', 'lower(username)'])
    expect(sqlite.connection_credentials?.references).toHaveLength(2)
    expect(sqlite.runs?.checks).toEqual(['state: queued, running, succeeded, failed, cancelled'])
  })
})
