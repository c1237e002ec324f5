import type { RestAccess } from '@/lib/contract/tables'
import type { TableRef } from '@/lib/iceberg/identifiers'
import { backticked, pythonText } from './quoting'
import { PASSWORD_VARIABLE, restProperties, type SnippetValue, USERNAME_VARIABLE } from './rest-properties'
import { isInS3, keysNeeded, ownStore, storeForJava, storeForPyiceberg } from './s3-store'
import type { ConnectFacts, Snippet } from './snippet'

/** Snippets in Python: PyIceberg, and Spark through PySpark, whose `sql` takes any name, unlike the shell of Spark. */

const ICEBERG = 'org.apache.iceberg:iceberg-spark-runtime-3.5_2.12:1.10.1'
const ICEBERG_AWS = 'org.apache.iceberg:iceberg-aws-bundle:1.10.1'
const SQLITE = 'org.xerial:sqlite-jdbc:3.50.3.0'
/** PyIceberg has requests signed by s3fs alone; by itself it reads S3 by PyArrow. */
const SIGNED_BY_S3FS: readonly [string, string][] = [
  ['py-io-impl', 'pyiceberg.io.fsspec.FsspecFileIO'],
  ['s3.signer', 'S3V4RestSigner'],
]
const S3FS_COMMENT = ['# pip install "pyiceberg[pyarrow,s3fs]"', '# s3fs has the catalog sign its requests.']
/**
 * PyIceberg 0.12 takes the signer away and puts it back for each thread that begins to read, while all of them send
 * requests by one and the same s3fs: some go out unsigned. It asks the environment alone for how many there are.
 */
const ONE_THREAD = [
  '# With more threads some requests go unsigned.',
  'os.environ.setdefault("PYICEBERG_MAX_WORKERS", "1")',
  '',
]

export function pyicebergRest(table: TableRef, rest: RestAccess, facts: ConnectFacts): Snippet {
  const store = ownStore(rest, facts)
  const isSigned = rest.delegation === 'remote-signing'
  const properties = [
    ...restProperties(rest, facts.catalogKind === 'embedded'),
    ...(isSigned ? SIGNED_BY_S3FS : []),
    ...storeForPyiceberg(store.s3),
  ]
  const plain = properties.filter(([key]) => !key.startsWith('rest.auth.'))
  const lines = [['type', 'rest'] as [string, SnippetValue], ...plain].map(
    ([key, value]) => `        ${pythonText(key)}: ${pythonValue(value)},`,
  )
  if (rest.signIn.kind === 'basic') {
    const [username, password] = [USERNAME_VARIABLE, PASSWORD_VARIABLE].map((env) => pythonValue({ env }))
    lines.push(`        "auth": {"type": "basic", "basic": {"username": ${username}, "password": ${password}}},`)
  }
  const code = [
    ...(isSigned ? S3FS_COMMENT : []),
    ...commented(store.comment),
    'from pyiceberg.catalog import load_catalog',
    '',
    ...(isSigned ? ONE_THREAD : []),
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
  { catalogAccess: { s3 }, location }: ConnectFacts,
): Snippet {
  const named = [`uri=${pythonText(uri)}`, `warehouse=${pythonText(warehouse)}`]
  const code = [
    ...commented(keysNeeded(location, s3)),
    'from pyiceberg.catalog.sql import SqlCatalog',
    '',
    ...pythonCall('catalog = SqlCatalog', [pythonText(table.catalog), ...named], '**', storeForPyiceberg(s3)),
    ...scanOf(table),
  ]
  return { text: code.join('\n'), note: 'on the machine of the lake' }
}

export function pyicebergMetadata(
  _table: TableRef,
  { metadataLocation, catalogAccess: { s3 } }: ConnectFacts,
): Snippet {
  const location = pythonText(metadataLocation)
  const code = [
    ...commented(keysNeeded(metadataLocation, s3)),
    'from pyiceberg.table import StaticTable',
    '',
    ...pythonCall('table = StaticTable.from_metadata', [location], 'properties=', storeForPyiceberg(s3)),
    'print(table.scan(limit=10).to_arrow())',
  ]
  return { text: code.join('\n'), note: 'as the table is now, read only' }
}

export function sparkRest(table: TableRef, rest: RestAccess, facts: ConnectFacts): Snippet {
  const store = ownStore(rest, facts)
  const properties = [...restProperties(rest, facts.catalogKind === 'embedded'), ...storeForJava(store.s3)]
  const packages = [ICEBERG, ...(isInS3(facts.location) ? [ICEBERG_AWS] : [])]
  const code = [...commented(store.comment), ...sparkCode(table, packages, [['type', 'rest'], ...properties])]
  return { text: withEnvironment(code), note: null }
}

export function sparkDatabase(
  table: TableRef,
  { uri, warehouse }: NonNullable<ConnectFacts['catalogAccess']['database']>,
  { catalogAccess: { s3 }, location }: ConnectFacts,
): Snippet {
  const code = sparkCode(
    table,
    [ICEBERG, SQLITE, ...(s3 ? [ICEBERG_AWS] : [])],
    [
      ['type', 'jdbc'],
      ['uri', `jdbc:${uri.replace('sqlite:///', 'sqlite:')}`],
      ['jdbc.schema-version', 'V1'],
      ['warehouse', warehouse],
      // Unlike over REST, Java's JDBC catalog leaves S3 to Hadoop unless told.
      ...(s3 ? [['io-impl', 'org.apache.iceberg.aws.s3.S3FileIO'] as [string, string]] : []),
      ...storeForJava(s3),
    ],
  )
  return { text: [...commented(keysNeeded(location, s3)), ...code].join('\n'), note: 'on the machine of the lake' }
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

function commented(lines: readonly string[]): string[] {
  return lines.map((line) => `# ${line}`)
}

/** On one line, unless there are properties to tell, which `taken` begins. */
function pythonCall(
  callee: string,
  args: readonly string[],
  taken: '**' | 'properties=',
  properties: readonly [string, string][],
): string[] {
  if (properties.length === 0) return [`${callee}(${args.join(', ')})`]
  return [
    `${callee}(`,
    ...args.map((argument) => `    ${argument},`),
    `    ${taken}{`,
    ...properties.map(([key, value]) => `        ${pythonText(key)}: ${pythonText(value)},`),
    '    },',
    ')',
  ]
}

function withEnvironment(code: readonly string[]): string {
  const isUsed = code.some((line) => line.includes('os.environ'))
  const start = code.findIndex((line) => !line.startsWith('#'))
  return [...code.slice(0, start), ...(isUsed ? ['import os', ''] : []), ...code.slice(start)].join('\n')
}

function pythonValue(value: SnippetValue): string {
  return typeof value === 'string' ? pythonText(value) : `os.environ[${pythonText(value.env)}]`
}
