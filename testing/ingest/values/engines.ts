import { stringifyExactJson } from '@/lib/iceberg/json/exact-json'
import type { Json } from '@/lib/iceberg/json/json'
import type { PrimitiveType } from '@/lib/iceberg/schema/types'
import { timestampNanos } from '@/lib/ingest/text-value'
import { quoteIdentifier, quoteString } from '@/lib/sql/quote-identifier'
import { installDuckdb, openDuckdb } from '@/testing/peers/install-duckdb'
import { installOrSkip } from '@/testing/peers/install-or-skip'
import { installPyiceberg } from '@/testing/peers/install-pyiceberg'
import { installPyspark } from '@/testing/peers/install-pyspark'
import { installTrino } from '@/testing/peers/install-trino'
import { SPARK_RUNTIME } from '@/testing/peers/jars'
import { fetchJars } from '@/testing/peers/maven'
import { openPyiceberg, openSpark, openTrino, trinoRestCatalog } from '@/testing/peers/shared/open-peer'
import { toReadValue } from './read-value'
import { createSqlReader } from './sql-reader'
import type { ValueReader } from './value-reader'

/** A REST catalog whose tables have their files on this machine. */
type RestAccess = { uri: string; token: string }

const isNan = (text: string) => text.toLowerCase() === 'nan'

type ValueEngine = { name: string; isHere: boolean; open: (access: RestAccess) => Promise<ValueReader> }

/** Installs the engines whose reading of loads is compared with what was written. */
export async function installEngines(): Promise<ValueEngine[]> {
  const jar = await installOrSkip('Iceberg for Spark', async () => (await fetchJars([SPARK_RUNTIME]))[0])
  const trino = await installOrSkip('Trino', installTrino)
  return [
    { name: 'PyIceberg', isHere: installPyiceberg() !== null, open: openPyicebergReader },
    { name: 'Spark', isHere: installPyspark() !== null && jar !== null, open: openSparkReader },
    { name: 'Trino', isHere: trino !== null, open: openTrinoReader },
    { name: 'DuckDB', isHere: installDuckdb() !== null, open: openDuckdbReader },
  ]
}

/** Reads through Arrow, which has every value exactly. */
async function openPyicebergReader({ uri, token }: RestAccess): Promise<ValueReader> {
  const session = openPyiceberg({ uri, token, warehouse: 'local' })
  await session.request({ code: PYICEBERG_CODE })
  return {
    async read({ namespace, table }, columns) {
      const rows = await session.request<Json[][]>({ code: `answer = read(${JSON.stringify([...namespace, table])})` })
      return rows.map((row) => columns.map(({ type }, i) => toReadValue(type, row[i] ?? null)))
    },
    count: ({ namespace, table }, { name, type }, texts) =>
      session.request({
        code: `answer = [len(read(${JSON.stringify([...namespace, table])}, row_filter=equals('${name}', '${typeof type === 'string' ? type : type.type}', v))) for v in ${JSON.stringify(texts)}]`,
      }),
    stop: () => session.stop(),
  }
}

const PYICEBERG_CODE = `
import datetime, uuid
from pyiceberg.expressions import EqualTo, IsNaN
def text(v):
    t = v.type
    if not v.is_valid: return None
    if isinstance(t, pa.BaseExtensionType): return text(v.value)
    if pa.types.is_struct(t): return {t.field(i).name: text(v[i]) for i in range(t.num_fields)}
    if pa.types.is_map(t): return {text(k): text(w) for k, w in zip(v.values.field(0), v.values.field(1))}
    if pa.types.is_list(t) or pa.types.is_large_list(t): return [text(w) for w in v.values]
    if pa.types.is_fixed_size_binary(t): return str(uuid.UUID(bytes=v.as_py()))
    if pa.types.is_binary(t) or pa.types.is_large_binary(t): return v.as_py().hex()
    if pa.types.is_timestamp(t):
        seconds, nanos = divmod(v.value * {'us': 1000, 'ns': 1}[t.unit], 10**9)
        return f'{datetime.datetime(1970, 1, 1) + datetime.timedelta(seconds=seconds)}.{nanos:09d}'
    return str(v.as_py())
def read(name, **options):
    table = catalog.load_table(tuple(name)).scan(**options).to_arrow()
    columns = [[text(v) for v in column] for column in table.columns]
    return [list(row) for row in zip(*columns)]
def equals(name, type, v):
    if v == 'nan': return IsNaN(name)
    if type == 'binary': return EqualTo(name, bytes.fromhex(v))
    if type == 'boolean': return EqualTo(name, v == 'true')
    if type in ('float', 'double'): return EqualTo(name, float(v))
    return EqualTo(name, v.replace(' ', 'T') if type.startswith('timestamp') else v)
answer = None`

/** Reads in the zone UTC. */
async function openSparkReader({ uri, token }: RestAccess): Promise<ValueReader> {
  const session = openSpark({ uri, token, warehouse: 'local' })
  const typeNames: Readonly<Record<string, string>> = {
    date: 'DATE',
    timestamp: 'TIMESTAMP_NTZ',
    timestamptz: 'TIMESTAMP',
    int: 'INT',
    long: 'BIGINT',
    float: 'FLOAT',
    double: 'DOUBLE',
    boolean: 'BOOLEAN',
  }
  const reader = createSqlReader({
    quote: (name) => `\`${name}\``,
    relation: ({ namespace, table }) => `${namespace.join('.')}.${table}`,
    text: (column, type) => (type === 'binary' ? `hex(${column})` : `CAST(${column} AS STRING)`),
    json: (column, type) => `to_json(CAST(${column} AS ${type}), map('ignoreNullFields', 'false'))`,
    textTypes: {
      text: 'STRING',
      struct: (fields) => `STRUCT<${fields.map(([name, type]) => `${name}: ${type}`).join(', ')}>`,
      list: (element) => `ARRAY<${element}>`,
      map: (key, value) => `MAP<${key}, ${value}>`,
    },
    equals(column, type, text) {
      const literal = `'${text.replaceAll(/['\\]/g, '\\$&')}'`
      if (type === 'binary') return `${column} = X'${text}'`
      if (type === 'string' || type === 'uuid') return `${column} = ${literal}`
      return `${column} = CAST(${literal} AS ${typeNames[type] ?? type})`
    },
    query: (sql) => session.request({ sql }),
  })
  return { ...reader, stop: () => session.stop() }
}

async function openTrinoReader({ uri, token }: RestAccess): Promise<ValueReader> {
  const server = await openTrino({ lake: trinoRestCatalog(uri, token) })
  const typeName = (type: PrimitiveType) =>
    ({
      int: 'integer',
      long: 'bigint',
      float: 'real',
      time: 'time(6)',
      timestamp: 'timestamp(6)',
      timestamptz: 'timestamp(6) with time zone',
      string: 'varchar',
    })[type as string] ?? type
  const reader = createSqlReader({
    quote: quoteIdentifier,
    relation: ({ namespace, table }) => `lake."${namespace.join('.')}"."${table}"`,
    text(column, type) {
      if (type === 'binary') return `to_hex(${column})`
      // Its text of a real has seven digits.
      return type === 'float' ? `CAST(CAST(${column} AS double) AS varchar)` : `CAST(${column} AS varchar)`
    },
    json: (column, type) => `json_format(CAST(CAST(${column} AS ${type}) AS json))`,
    textTypes: {
      text: 'varchar',
      struct: (fields) => `row(${fields.map(([name, type]) => `${quoteIdentifier(name)} ${type}`).join(', ')})`,
      list: (element) => `array(${element})`,
      map: (key, value) => `map(${key}, ${value})`,
    },
    equals(column, type, text) {
      if (isNan(text)) return `is_nan(${column})`
      if (type === 'binary') return `${column} = X'${text}'`
      return `${column} = CAST(${quoteString(text.replace(/^(-?)inf$/, '$1Infinity'))} AS ${typeName(type)})`
    },
    query: async (sql) => ((await server.sql(sql)) as Json[][]).map((row) => row.map(toText)),
  })
  return { ...reader, stop: () => server.stop() }
}

/** Reads with the extension of DuckDB for Iceberg, which is code of its own, through the catalog. */
async function openDuckdbReader({ uri, token }: RestAccess): Promise<ValueReader> {
  const session = openDuckdb(String(installDuckdb()))
  await session.request({
    sql: `INSTALL iceberg; LOAD iceberg; SET TimeZone = 'UTC'; CREATE SECRET lake (TYPE iceberg, TOKEN ${quoteString(token)});
ATTACH 'local' AS lake (TYPE iceberg, ENDPOINT ${quoteString(uri)}, SECRET lake, ACCESS_DELEGATION_MODE 'none')`,
  })
  const typeName = (type: PrimitiveType) =>
    ({ long: 'BIGINT', string: 'VARCHAR', timestamptz: 'TIMESTAMPTZ' })[type as string] ?? type
  const reader = createSqlReader({
    quote: quoteIdentifier,
    relation: ({ namespace, table }) => `lake."${namespace.join('.')}"."${table}"`,
    text(column, type) {
      if (type === 'binary') return `hex(${column})`
      return type === 'timestamp_ns' ? `CAST(epoch_ns(${column}) AS VARCHAR)` : `CAST(${column} AS VARCHAR)`
    },
    json: (column, type) => `CAST(to_json(CAST(${column} AS ${type})) AS VARCHAR)`,
    textTypes: {
      text: 'VARCHAR',
      struct: (fields) => `STRUCT(${fields.map(([name, type]) => `${quoteIdentifier(name)} ${type}`).join(', ')})`,
      list: (element) => `${element}[]`,
      map: (key, value) => `MAP(${key}, ${value})`,
    },
    equals(column, type, text) {
      if (type === 'binary') return `${column} = from_hex('${text}')`
      if (type === 'timestamp_ns') return `${column} = make_timestamp_ns(${timestampNanos(text)})`
      return `${column} = CAST(${quoteString(text)} AS ${typeName(type)})`
    },
    query: async (sql) => (await session.request<Json[][]>({ sql })).map((row) => row.map(toText)),
  })
  return { ...reader, stop: () => session.stop() }
}

function toText(value: Json): string | null {
  return value === null || typeof value === 'string' ? value : stringifyExactJson(value)
}
