import type { RestAccess } from '@/lib/contract/tables'
import type { TableRef } from '@/lib/iceberg/identifiers'
import { backticked, pythonText } from './quoting'
import { PASSWORD_VARIABLE, restProperties, type SnippetValue, USERNAME_VARIABLE } from './rest-properties'
import type { ConnectFacts, Snippet } from './snippet'

/** Snippets in Python: PyIceberg, and Spark through PySpark, whose `sql` takes any name, unlike the shell of Spark. */

const ICEBERG = 'org.apache.iceberg:iceberg-spark-runtime-3.5_2.12:1.10.1'
const SQLITE = 'org.xerial:sqlite-jdbc:3.50.3.0'

export function pyicebergRest(table: TableRef, rest: RestAccess, { catalogKind }: ConnectFacts): Snippet {
  const properties = restProperties(rest, catalogKind === 'embedded')
  const plain = properties.filter(([key]) => !key.startsWith('rest.auth.'))
  const lines = [['type', 'rest'] as [string, SnippetValue], ...plain].map(
    ([key, value]) => `        ${pythonText(key)}: ${pythonValue(value)},`,
  )
  if (rest.signIn.kind === 'basic') {
    const [username, password] = [USERNAME_VARIABLE, PASSWORD_VARIABLE].map((env) => pythonValue({ env }))
    lines.push(`        "auth": {"type": "basic", "basic": {"username": ${username}, "password": ${password}}},`)
  }
  const code = [
    'from pyiceberg.catalog import load_catalog',
    '',
    'catalog = load_catalog(',
    `    ${pythonText(table.catalog)},`,
    '    **{',
    ...lines,
    '    },',
    ')',
    ...scanOf(table),
  ]
  return { text: withEnvironment(code), note: null }
}

export function pyicebergDatabase(
  table: TableRef,
  { uri, warehouse }: NonNullable<ConnectFacts['catalogAccess']['database']>,
): Snippet {
  const code = [
    'from pyiceberg.catalog.sql import SqlCatalog',
    '',
    `catalog = SqlCatalog(${pythonText(table.catalog)}, uri=${pythonText(uri)}, warehouse=${pythonText(warehouse)})`,
    ...scanOf(table),
  ]
  return { text: code.join('\n'), note: 'on the machine of the lake' }
}

export function pyicebergMetadata(_table: TableRef, { metadataLocation }: ConnectFacts): Snippet {
  const code = [
    'from pyiceberg.table import StaticTable',
    '',
    `table = StaticTable.from_metadata(${pythonText(metadataLocation)})`,
    'print(table.scan(limit=10).to_arrow())',
  ]
  return { text: code.join('\n'), note: 'as the table is now, read only' }
}

export function sparkRest(table: TableRef, rest: RestAccess, { catalogKind }: ConnectFacts): Snippet {
  const properties = restProperties(rest, catalogKind === 'embedded')
  return { text: withEnvironment(sparkCode(table, [ICEBERG], [['type', 'rest'], ...properties])), note: null }
}

export function sparkDatabase(
  table: TableRef,
  { uri, warehouse }: NonNullable<ConnectFacts['catalogAccess']['database']>,
): Snippet {
  const code = sparkCode(
    table,
    [ICEBERG, SQLITE],
    [
      ['type', 'jdbc'],
      ['uri', `jdbc:${uri.replace('sqlite:///', 'sqlite:')}`],
      ['jdbc.schema-version', 'V1'],
      ['warehouse', warehouse],
    ],
  )
  return { text: code.join('\n'), note: 'on the machine of the lake' }
}

function sparkCode(
  { catalog, namespace, table }: TableRef,
  packages: readonly string[],
  properties: readonly [string, SnippetValue][],
): string[] {
  const own = `spark.sql.catalog.${catalog}`
  const settings: [string, SnippetValue][] = [
    ['spark.jars.packages', packages.join(',')],
    ['spark.sql.extensions', 'org.apache.iceberg.spark.extensions.IcebergSparkSessionExtensions'],
    [own, 'org.apache.iceberg.spark.SparkCatalog'],
    ...properties.map(([key, value]): [string, SnippetValue] => [`${own}.${key}`, value]),
  ]
  const name = [catalog, ...namespace, table].map(backticked).join('.')
  return [
    'from pyspark.sql import SparkSession',
    '',
    'spark = (',
    '    SparkSession.builder',
    ...settings.map(([key, value]) => `    .config(${pythonText(key)}, ${pythonValue(value)})`),
    '    .getOrCreate()',
    ')',
    `spark.sql(${pythonText(`SELECT count(*) FROM ${name}`)}).show()`,
  ]
}

function scanOf({ namespace, table }: TableRef): string[] {
  const name = [...namespace, table].map(pythonText).join(', ')
  return [`table = catalog.load_table((${name}))`, 'print(table.scan(limit=10).to_arrow())']
}

function withEnvironment(code: readonly string[]): string {
  const isUsed = code.some((line) => line.includes('os.environ'))
  return [...(isUsed ? ['import os', ''] : []), ...code].join('\n')
}

function pythonValue(value: SnippetValue): string {
  return typeof value === 'string' ? pythonText(value) : `os.environ[${pythonText(value.env)}]`
}
