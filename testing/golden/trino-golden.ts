import { stringifyExactJson } from '@/lib/iceberg/json/exact-json'
import type { Json } from '@/lib/iceberg/json/json'
import { isJsonObject } from '@/lib/iceberg/json/json-object'
import type { NestedField, Type } from '@/lib/iceberg/schema/types'
import { openTrino, trinoRestCatalog } from '@/testing/peers/shared/open-peer'
import type { TrinoServer } from '@/testing/peers/trino-server'
import type { MetadataTableRows } from './golden-metadata-tables'
import { GOLDEN_ROOT, type GoldenRows, type GoldenValue } from './golden-tables'
import { sortGolden } from './golden-value'

/** The statements of each golden table that Trino writes. */
export const TRINO_RECIPES: Readonly<Record<string, readonly string[]>> = {
  trino_position_deletes: [
    `CREATE TABLE trino_position_deletes (id bigint, city varchar, fare decimal(9, 2))
      WITH (partitioning = ARRAY['bucket(id, 2)'], format_version = 2, location = 'file://${GOLDEN_ROOT}/trino_position_deletes')`,
    `INSERT INTO trino_position_deletes VALUES (1, 'ABQ', 1.5), (2, 'JFK', 2.5), (3, NULL, NULL), (4, 'LAX', 4.5), (5, 'OSL', 5.5)`,
    'DELETE FROM trino_position_deletes WHERE id IN (2, 5)',
    `MERGE INTO trino_position_deletes f USING (VALUES (1, 'SFO'), (4, NULL), (6, 'JFK')) n (id, city) ON f.id = n.id
      WHEN MATCHED AND n.city IS NULL THEN DELETE WHEN MATCHED THEN UPDATE SET city = n.city
      WHEN NOT MATCHED THEN INSERT (id, city) VALUES (n.id, n.city)`,
    'ALTER TABLE trino_position_deletes RENAME COLUMN city TO town',
    `ALTER TABLE trino_position_deletes SET PROPERTIES partitioning = ARRAY['town']`,
    `INSERT INTO trino_position_deletes VALUES (7, 'ABQ', 7.5), (8, 'ABQ', 8.5)`,
    `DELETE FROM trino_position_deletes WHERE id = 8 OR town = 'SFO'`,
  ],
  trino_types: [
    `CREATE TABLE trino_types (a boolean, b integer, c bigint, d real, e double, f decimal(38, 10), g date, h time(6),
      i timestamp(6), j timestamp(6) with time zone, k varchar, l uuid, m varbinary, n array(row(x integer, y varchar)), o map(varchar, bigint))
      WITH (location = 'file://${GOLDEN_ROOT}/trino_types')`,
    `INSERT INTO trino_types VALUES (true, 2147483647, 9223372036854775807, REAL '0.1', DOUBLE '0.1',
      DECIMAL '9999999999999999999999999999.9999999999', DATE '9999-12-31', TIME '23:59:59.999999',
      TIMESTAMP '9999-12-31 23:59:59.999999', TIMESTAMP '2001-02-03 04:05:06.000007 +02:00', 'Łódź 🚣',
      UUID 'f47ac10b-58cc-4372-a567-0e02b2c3d479', X'00FF', ARRAY[ROW(1, 'x'), NULL, ROW(NULL, '')], MAP(ARRAY['a', 'b'], ARRAY[1, NULL])),
      (false, -2147483648, -9223372036854775808, nan(), -infinity(), DECIMAL '-0.0000000001', DATE '0001-01-01', TIME '00:00:00',
      TIMESTAMP '1969-12-31 23:59:59.999999', TIMESTAMP '1969-12-31 23:59:59.999999 UTC', '', UUID '00000000-0000-0000-0000-000000000000',
      X'', ARRAY[], MAP()), (NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)`,
  ],
}

export type GoldenTrino = {
  write: (recipe: string) => Promise<void>
  read: (table: string, fields: readonly NestedField[], version: string) => Promise<GoldenRows>
  readMetadataTable: (table: string, name: string) => Promise<MetadataTableRows>
  stop: () => Promise<void>
}

/** @param uri of the REST catalog */
export async function openGoldenTrino(uri: string): Promise<GoldenTrino> {
  const server = await openTrino({ peer: trinoRestCatalog(uri) })
  return {
    write: async (recipe) => {
      for (const statement of TRINO_RECIPES[recipe] ?? []) await server.sql(qualify(statement, recipe))
    },
    read: (table, fields, version) => readRows(server, table, fields, version),
    readMetadataTable: (table, name) => readMetadataTable(server, table, name),
    stop: () => server.stop(),
  }
}

/** The values of columns of numbers, texts and times, as Trino's text of them; null for the others. */
async function readMetadataTable(server: TrinoServer, table: string, name: string): Promise<MetadataTableRows> {
  const relation = `peer.golden."${table}$${name}"`
  const columns = (await server.sql(`SHOW COLUMNS FROM ${relation}`)).map((row) => {
    const [column, type] = listOf(row)
    return [toText(column), toText(type)] as const
  })
  const values = columns.map(([column, type]) =>
    /^(bigint|integer|boolean|varchar|timestamp)/.test(type) ? `CAST("${column}" AS varchar)` : 'NULL',
  )
  const rows = (await server.sql(`SELECT ${values.join(', ')} FROM ${relation}`)).map((row) =>
    listOf(row).map((value) => (value === null ? null : toText(value))),
  )
  return { columns, rows: sortGolden(rows) }
}

function qualify(statement: string, table: string): string {
  return statement.replace(new RegExp(`(?<![/'])\\b${table}\\b`), `peer.golden.${table}`)
}

async function readRows(
  server: TrinoServer,
  table: string,
  fields: readonly NestedField[],
  version: string,
): Promise<GoldenRows> {
  // The protocol rounds times to milliseconds for clients that do not ask for more.
  const columns = fields.map(({ name, type }) => (isTime(type) ? `CAST("${name}" AS varchar)` : `"${name}"`)).join(', ')
  const found = await server.sql(`SELECT ${columns} FROM peer.golden.${table} FOR VERSION AS OF ${version}`)
  const rows = found.map((row) => fields.map(({ type }, i) => toGolden(type, listOf(row)[i] ?? null)))
  return { columns: fields.map(({ name }) => name), rows: sortGolden(rows) }
}

function toText(value: Json | undefined): string {
  if (typeof value !== 'string') throw new Error('Trino sent another value instead of a text')
  return value
}

function isTime(type: Type): boolean {
  return typeof type === 'string' && type.startsWith('time')
}

/** A value of Trino's client protocol. Numbers are exact, because the response was read exactly. */
function toGolden(type: Type, value: Json): GoldenValue {
  if (value === null) return null
  if (typeof type !== 'string') {
    switch (type.type) {
      case 'struct':
        return type.fields.map((field, i) => toGolden(field.type, listOf(value)[i] ?? null))
      case 'list':
        return listOf(value).map((item) => toGolden(type.element, item))
      case 'map': {
        const entries = isJsonObject(value) ? Object.entries(value) : []
        return sortGolden(entries.map(([key, item]) => [key, toGolden(type.value, item)]))
      }
    }
  }
  if (typeof value === 'boolean') return value
  const text = typeof value === 'object' ? stringifyExactJson(value) : String(value)
  if (type === 'float') return String(Math.fround(Number(text)))
  if (type === 'binary' || type.startsWith('fixed')) return Buffer.from(text, 'base64').toString('hex')
  if (type.startsWith('timestamp')) return text.replace(' ', 'T').replace(/ UTC$/, '')
  return type.startsWith('decimal') ? text.replace(/(\.\d*?)0+$/, '$1').replace(/\.$/, '') : text
}

function listOf(value: Json): readonly Json[] {
  if (!Array.isArray(value)) throw new Error('Trino sent another value instead of a list')
  return value as readonly Json[]
}
