import type { RestAccess } from '@/lib/contract/table/tables'
import type { TableIdentifier } from '@/lib/names/identifiers'
import { quoteWithBackticks, pythonString } from '@/lib/sql/quoting'
import { PASSWORD_VARIABLE, restProperties, type SnippetValue, USERNAME_VARIABLE } from './rest-properties'
import { isInS3, keysComment, storeWithoutDelegation, javaStoreProperties, pyicebergStoreProperties } from './s3-store'
import { type ConnectFacts, READ_ONLY_NOTE, SAME_MACHINE_NOTE, type Snippet } from './snippet'

/** Snippets in Python: PyIceberg, and Spark through PySpark, whose `sql` accepts any name, unlike Spark's shell. */

const ICEBERG = 'org.apache.iceberg:iceberg-spark-runtime-3.5_2.12:1.10.1'
const ICEBERG_AWS = 'org.apache.iceberg:iceberg-aws-bundle:1.10.1'
const SQLITE = 'org.xerial:sqlite-jdbc:3.50.3.0'
/** PyIceberg signs requests only with s3fs; by default it reads S3 with PyArrow. */
const S3FS_SIGNING_PROPERTIES: readonly [string, string][] = [
  ['py-io-impl', 'pyiceberg.io.fsspec.FsspecFileIO'],
  ['s3.signer', 'S3V4RestSigner'],
]
const S3FS_COMMENT = ['# pip install "pyiceberg[pyarrow,s3fs]"', '# s3fs has the catalog sign its requests.']
/**
 * PyIceberg 0.12 removes the signer and adds it again for each thread that starts to read, while all threads send
 * requests through the same s3fs: some go out unsigned. It reads the number of threads only from the environment.
 */
const SINGLE_THREAD_CODE = [
  '# With more threads some requests go unsigned.',
  'os.environ.setdefault("PYICEBERG_MAX_WORKERS", "1")',
  '',
]

export function pyicebergRestSnippet(table: TableIdentifier, rest: RestAccess, facts: ConnectFacts): Snippet {
  const store = storeWithoutDelegation(rest, facts)
  const isSigned = rest.delegation === 'remote-signing'
  const properties = [
    ...restProperties(rest, facts.catalogKind === 'embedded'),
    ...(isSigned ? S3FS_SIGNING_PROPERTIES : []),
    ...pyicebergStoreProperties(store.s3),
  ]
  const plainProperties = properties.filter(([key]) => !key.startsWith('rest.auth.'))
  const lines = [['type', 'rest'] as [string, SnippetValue], ...plainProperties].map(
    ([key, value]) => `        ${pythonString(key)}: ${pythonExpression(value)},`,
  )
  if (rest.signIn.kind === 'basic') {
    const [username, password] = [USERNAME_VARIABLE, PASSWORD_VARIABLE].map((env) => pythonExpression({ env }))
    lines.push(`        "auth": {"type": "basic", "basic": {"username": ${username}, "password": ${password}}},`)
  }
  const code = [
    ...(isSigned ? S3FS_COMMENT : []),
    ...toComments(store.comment),
    'from pyiceberg.catalog import load_catalog',
    '',
    ...(isSigned ? SINGLE_THREAD_CODE : []),
    'catalog = load_catalog(',
    `    ${pythonString(table.catalog)},`,
    '    **{',
    ...lines,
    '    },',
    ')',
    ...scanCode(table),
  ]
  return { text: addOsImport(code), note: null }
}

export function pyicebergDatabaseSnippet(
  table: TableIdentifier,
  { uri, warehouse }: NonNullable<ConnectFacts['catalogAccess']['database']>,
  { catalogAccess: { s3 }, location }: ConnectFacts,
): Snippet {
  const namedArguments = [`uri=${pythonString(uri)}`, `warehouse=${pythonString(warehouse)}`]
  const code = [
    ...toComments(keysComment(location, s3)),
    'from pyiceberg.catalog.sql import SqlCatalog',
    '',
    ...pythonCall(
      'catalog = SqlCatalog',
      [pythonString(table.catalog), ...namedArguments],
      '**',
      pyicebergStoreProperties(s3),
    ),
    ...scanCode(table),
  ]
  return { text: code.join('\n'), note: SAME_MACHINE_NOTE }
}

export function pyicebergMetadataSnippet(
  _table: TableIdentifier,
  { metadataLocation, catalogAccess: { s3 } }: ConnectFacts,
): Snippet {
  const location = pythonString(metadataLocation)
  const code = [
    ...toComments(keysComment(metadataLocation, s3)),
    'from pyiceberg.table import StaticTable',
    '',
    ...pythonCall('table = StaticTable.from_metadata', [location], 'properties=', pyicebergStoreProperties(s3)),
    'print(table.scan(limit=10).to_arrow())',
  ]
  return { text: code.join('\n'), note: READ_ONLY_NOTE }
}

export function sparkRestSnippet(table: TableIdentifier, rest: RestAccess, facts: ConnectFacts): Snippet {
  const store = storeWithoutDelegation(rest, facts)
  const properties = [...restProperties(rest, facts.catalogKind === 'embedded'), ...javaStoreProperties(store.s3)]
  const packages = [ICEBERG, ...(isInS3(facts.location) ? [ICEBERG_AWS] : [])]
  const code = [...toComments(store.comment), ...sparkCode(table, packages, [['type', 'rest'], ...properties])]
  return { text: addOsImport(code), note: null }
}

export function sparkDatabaseSnippet(
  table: TableIdentifier,
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
      // Unlike over REST, Java's JDBC catalog leaves S3 to Hadoop by default.
      ...(s3 ? [['io-impl', 'org.apache.iceberg.aws.s3.S3FileIO'] as [string, string]] : []),
      ...javaStoreProperties(s3),
    ],
  )
  return {
    text: [...toComments(keysComment(location, s3)), ...code].join('\n'),
    note: SAME_MACHINE_NOTE,
  }
}

function sparkCode(
  { catalog, namespace, table }: TableIdentifier,
  packages: readonly string[],
  properties: readonly [string, SnippetValue][],
): string[] {
  const catalogKey = `spark.sql.catalog.${catalog}`
  const settings: [string, SnippetValue][] = [
    ['spark.jars.packages', packages.join(',')],
    ['spark.sql.extensions', 'org.apache.iceberg.spark.extensions.IcebergSparkSessionExtensions'],
    [catalogKey, 'org.apache.iceberg.spark.SparkCatalog'],
    ...properties.map(([key, value]): [string, SnippetValue] => [`${catalogKey}.${key}`, value]),
  ]
  const name = [catalog, ...namespace, table].map(quoteWithBackticks).join('.')
  return [
    'from pyspark.sql import SparkSession',
    '',
    'spark = (',
    '    SparkSession.builder',
    ...settings.map(([key, value]) => `    .config(${pythonString(key)}, ${pythonExpression(value)})`),
    '    .getOrCreate()',
    ')',
    `spark.sql(${pythonString(`SELECT count(*) FROM ${name}`)}).show()`,
  ]
}

function scanCode({ namespace, table }: TableIdentifier): string[] {
  const name = [...namespace, table].map(pythonString).join(', ')
  return [`table = catalog.load_table((${name}))`, 'print(table.scan(limit=10).to_arrow())']
}

function toComments(lines: readonly string[]): string[] {
  return lines.map((line) => `# ${line}`)
}

/** On one line, unless there are properties, which `taken` starts. */
function pythonCall(
  callee: string,
  args: readonly string[],
  propertiesPrefix: '**' | 'properties=',
  properties: readonly [string, string][],
): string[] {
  if (properties.length === 0) return [`${callee}(${args.join(', ')})`]
  return [
    `${callee}(`,
    ...args.map((argument) => `    ${argument},`),
    `    ${propertiesPrefix}{`,
    ...properties.map(([key, value]) => `        ${pythonString(key)}: ${pythonString(value)},`),
    '    },',
    ')',
  ]
}

function addOsImport(code: readonly string[]): string {
  const isUsed = code.some((line) => line.includes('os.environ'))
  const start = code.findIndex((line) => !line.startsWith('#'))
  return [...code.slice(0, start), ...(isUsed ? ['import os', ''] : []), ...code.slice(start)].join('\n')
}

function pythonExpression(value: SnippetValue): string {
  return typeof value === 'string' ? pythonString(value) : `os.environ[${pythonString(value.env)}]`
}
