import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { call } from '@/lib/api/call'
import { pythonString } from '@/lib/sql/quoting'
import type { AccessMethod, SnippetEngine } from '@/lib/connect/snippet'
import { snippetFor } from '@/lib/connect/snippet-for'
import { addConnection } from '@/lib/contract/connections'
import { getTable } from '@/lib/contract/table/tables'
import type { TableIdentifier } from '@/lib/names/identifiers'
import { installDuckdb, openDuckdb } from '@/testing/peers/install-duckdb'
import { installPyiceberg, installPyicebergForS3AndAzure } from '@/testing/peers/install-pyiceberg'
import { startS3Server } from '@/testing/stores/s3-server'
import { type Flink, startFlink } from '@/testing/peers/flink'
import { FLINK_JARS, FLINK_LIB_JARS } from '@/testing/peers/flink-jars'
import { readShownRows, stubFetchWith } from '@/testing/product/browser-client'
import { ICEBERG_AWS, SPARK_RUNTIME, SQLITE_JDBC } from '@/testing/peers/jars'
import { type Lakeshore, startLakeshore } from '@/testing/product/lakeshore'
import { fetchJars, type Jar } from '@/testing/peers/maven'
import { installOrSkip } from '@/testing/peers/install-or-skip'
import { installPyspark } from '@/testing/peers/install-pyspark'
import { runToEnd } from '@/testing/processes/run-to-end'
import { createTables, snippetEnvironment, TABLES } from './snippet-tables'
import { pyicebergS3Properties } from '../trips'

/**
 * The snippets of the page *Connect* for tables in an S3 store, run unchanged by the engines. The tests fill in only a
 * token and, for the jars that Spark would fetch itself, their paths. The keys of the store are new in each run, and
 * only Lakeshore has them, unless a snippet asks for some.
 */

const TIMEOUT_MS = 300_000
/**
 * Ends a snippet of PyIceberg without the shutdown of Python. PyArrow reads with Python's S3 client from threads of its
 * own; one that still reads ahead when a scan with a limit is done aborts the process in the shutdown, now and then,
 * after the rows are printed (github.com/apache/arrow/issues/34314).
 */
const END_AT_ONCE = 'import os, sys\nsys.stdout.flush()\nsys.stderr.flush()\nos._exit(0)\n'
const [plain, words] = TABLES
const SPARK_JARS = [SPARK_RUNTIME, ICEBERG_AWS]
const SPARK_DATABASE_JARS = [SPARK_RUNTIME, SQLITE_JDBC, ICEBERG_AWS]

const python = installPyiceberg()
const duckdb = installDuckdb()
const signer = installPyicebergForS3AndAzure()
const spark = installPyspark()
const sparkJars = await installOrSkip('Iceberg for Spark with AWS', () => fetchJars(SPARK_DATABASE_JARS))
const flinkJars = await installOrSkip('Flink', () => fetchJars([...FLINK_JARS, ...FLINK_LIB_JARS, ICEBERG_AWS]))
const s3 = python === null || signer === null ? null : await startS3Server()

describe.skipIf(s3 === null)('The snippets of a table in an S3 store (skipped when it is unavailable)', () => {
  const store = s3!
  const keys = { AWS_ACCESS_KEY_ID: store?.accessKeyId, AWS_SECRET_ACCESS_KEY: store?.secretAccessKey }
  let folder: string
  let lakeshore: Lakeshore

  beforeAll(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 's3-snippets-'))
    lakeshore = await startLakeshore(folder, {
      LAKESHORE_WAREHOUSE: `s3://${store.bucket}/wh`,
      LAKESHORE_S3_ENDPOINT: store.endpoint,
      LAKESHORE_S3_REGION: store.region,
      LAKESHORE_S3_ACCESS_KEY_ID: store.accessKeyId,
      LAKESHORE_S3_SECRET_ACCESS_KEY: store.secretAccessKey,
    })
    stubFetchWith(lakeshore.console)
    await createTables(String(python), lakeshore, TABLES, pyicebergS3Properties(store))
    await connectWithKeys()
  })
  afterAll(async () => {
    vi.unstubAllGlobals()
    await lakeshore?.stop()
    await store.stop()
    rmSync(folder, { recursive: true })
  })

  /** A connection to the lake's own REST catalog, which signs the requests. */
  async function connectWithKeys(): Promise<void> {
    const settings = {
      kind: 'rest' as const,
      uri: lakeshore.uri,
      warehouse: lakeshore.warehouse,
      prefix: null,
      auth: { kind: 'bearer' as const },
      headerNames: [],
      delegation: 'remote-signing' as const,
      storage: {
        kind: 's3' as const,
        roots: ['s3://elsewhere'],
        endpoint: store.endpoint,
        region: store.region,
        isPathStyle: true,
        credentials: { kind: 'anonymous' as const },
      },
      mappings: [],
      ownCredentials: 'off' as const,
    }
    await call(addConnection, { name: 'again', settings, secrets: { token: lakeshore.token } })
  }
  async function readSnippet(engine: SnippetEngine, table: TableIdentifier, reach: AccessMethod): Promise<string> {
    const snippet = snippetFor(engine, table, await call(getTable, table), reach)
    if (snippet === null) throw new Error(`There is no snippet for ${engine} through ${reach}.`)
    return snippet.text
  }
  function runPython(interpreter: string | null, code: string, more: Record<string, string> = {}): Promise<string> {
    const file = path.join(folder, 'snippet.py')
    writeFileSync(file, interpreter === spark ? code : `${code}\n${END_AT_ONCE}`)
    const tokens = { LAKESHORE_TOKEN: lakeshore.token, CATALOG_TOKEN: lakeshore.token }
    const env = { ...ENV_WITHOUT_KEYS, ...tokens, ...snippetEnvironment(interpreter === spark ? spark : null), ...more }
    return runToEnd(String(interpreter), [file], { timeoutMs: TIMEOUT_MS, env })
  }

  test.each(TABLES)('PyIceberg reads $namespace $table without a key', async (table) => {
    expect(await runPython(signer, await readSnippet('pyiceberg', table, 'rest'))).toContain('id: [[1,2,3]]')
  })

  test('PyIceberg reads many files, each by a signed request', async () => {
    const many = { ...plain, table: 'many' }
    const text = await readSnippet('pyiceberg', plain, 'rest')
    const make = `
from pyiceberg.partitioning import PartitionField, PartitionSpec
from pyiceberg.schema import Schema
from pyiceberg.transforms import IdentityTransform
from pyiceberg.types import LongType, NestedField
import pyarrow
schema = Schema(NestedField(1, 'id', LongType()))
made = catalog.create_table(${pythonString('shop.many')}, schema, partition_spec=PartitionSpec(PartitionField(1, 1000, IdentityTransform(), 'id')))
made.append(pyarrow.table({'id': list(range(24))}))`
    await runPython(signer, text.replace(/\ntable = [^]*$/, make))
    expect((await call(getTable, many)).figures.dataFileCount).toBe(24)
    const read = (await readSnippet('pyiceberg', many, 'rest')).replace('limit=10', '')
    expect(await runPython(signer, `${read}\nprint(sum(table.scan().to_arrow()['id'].to_pylist()))`)).toMatch(
      /\n276\n$/,
    )
  })

  test('PyIceberg reads a table of a connected catalog that signs requests, too', async () => {
    const text = await readSnippet('pyiceberg', { ...plain, catalog: 'again' }, 'rest')
    expect(text).toContain('"CATALOG_TOKEN"')
    expect(await runPython(signer, text)).toContain('id: [[1,2,3]]')
  })

  test('PyIceberg cannot read it without requesting signatures', async () => {
    const text = withoutDelegation(await readSnippet('pyiceberg', plain, 'rest'))
    expect(await runPython(signer, captureProblem(text))).toMatch(/^SignError/)
  })

  test.each(['database', 'metadata'] as const)(
    'PyIceberg needs keys with the snippet for %s, as the snippet says, and reads with them',
    async (reach) => {
      const text = await readSnippet('pyiceberg', words, reach)
      expect(text).toContain('keys of your own for the bucket')
      await expect(runPython(python, text)).rejects.toThrow(/ACCESS_DENIED|AccessDenied|credentials/i)
      expect(await runPython(python, text, keys)).toContain('id: [[1,2,3]]')
    },
  )

  test.skipIf(duckdb === null).each(['rest', 'metadata'] as const)(
    'DuckDB counts rows with the snippet for %s and keys, as the snippet says (skipped when it is unavailable)',
    async (reach) => {
      const text = await readSnippet('duckdb', words, reach)
      expect(text).toContain('keys of your own for the bucket')
      const values = { ...keys, LAKESHORE_TOKEN: lakeshore.token }
      const sql = Object.entries(values).reduce((filled, [name, value]) => filled.replace(name, value), text)
      const session = openDuckdb(String(duckdb))
      try {
        expect(await session.request({ sql })).toEqual([[3]])
      } finally {
        await session.stop()
      }
    },
  )

  test('curl receives the metadata', async () => {
    const env = { LAKESHORE_TOKEN: lakeshore.token }
    const answer = await runToEnd('/bin/sh', ['-c', await readSnippet('curl', plain, 'rest')], {
      timeoutMs: TIMEOUT_MS,
      env,
    })
    expect(JSON.parse(answer)).toMatchObject({ metadata: { location: expect.stringMatching(/^s3:\/\/lake\/wh\//) } })
  })

  describe.skipIf(spark === null || sparkJars === null)('in Spark (skipped when it is unavailable)', () => {
    /** Replaces the packages that Spark would fetch by local jars, which must be the same. */
    const addJars = (text: string, jars: readonly Jar[]) => {
      const [, packages = ''] = /\.config\("spark\.jars\.packages", "(.*)"\)/.exec(text) ?? []
      expect(packages.split(',')).toEqual(jars.map(({ coordinates }) => coordinates))
      const paths = jars.map((jar) => sparkJars?.[SPARK_DATABASE_JARS.indexOf(jar)]).join(',')
      const localJars = `.config("spark.jars", ${pythonString(paths)}).config("spark.ui.enabled", "false")`
      return text.replace(/\.config\("spark\.jars\.packages", .*\)/, localJars)
    }

    test.each(TABLES)('$namespace $table is counted without a key', async (table) => {
      const text = addJars(await readSnippet('spark', table, 'rest'), SPARK_JARS)
      expect(await runPython(spark, text)).toMatch(/\|\s+3\|/)
    })

    test('a table cannot be read without requesting signatures', async () => {
      const text = withoutDelegation(addJars(await readSnippet('spark', plain, 'rest'), SPARK_JARS))
      expect(await runPython(spark, captureProblem(text))).toContain('Unable to load credentials')
    })

    test('a table can be counted through the database with keys, as the snippet says', async () => {
      const text = await readSnippet('spark', words, 'database')
      expect(text).toContain('keys of your own for the bucket')
      expect(await runPython(spark, addJars(text, SPARK_DATABASE_JARS), keys)).toMatch(/\|\s+3\|/)
    })
  })

  describe.skipIf(flinkJars === null)('in Flink (skipped when it is unavailable)', () => {
    let flink: Flink
    beforeAll(async () => {
      flink = await startFlink(path.join(folder, 'flink'), flinkJars ?? [])
    })
    afterAll(() => flink?.stop())
    const run = (text: string) => flink.run(text.replaceAll('LAKESHORE_TOKEN', lakeshore.token))

    test.each([plain, words])('$namespace $table is counted without a key', async (table) => {
      expect(await run(await readSnippet('flink', table, 'rest'))).toMatch(/\| +3 \|\n.*\n1 row in set/)
    })

    test('a table can be written without a key', async () => {
      const text = await readSnippet('flink', words, 'rest')
      const insert = `SET 'table.dml-sync' = 'true';\nINSERT INTO \`local\`.\`select\`.\`order\` VALUES (4), (5);`
      await run(text.replace(/SELECT [^;]+;$/, () => insert))
      expect(await readShownRows(words)).toEqual([1n, 2n, 3n, 4n, 5n].map((id) => [id]))
    })

    test('a table cannot be read without requesting signatures', async () => {
      const text = (await readSnippet('flink', plain, 'rest')).replace(/,\n.*Access-Delegation.*\n/, '\n')
      await expect(run(text)).rejects.toThrow('Unable to load credentials')
    })

    test('names the jars that these tests run it with', async () => {
      const named = (await readSnippet('flink', plain, 'rest')).match(/[\w.-]+\.jar/g)
      const jars = [...FLINK_LIB_JARS, ICEBERG_AWS]
      expect(named).toEqual(jars.map(({ coordinates }) => `${coordinates.split(':').slice(1).join('-')}.jar`))
    })
  })
})

/** The environment of an engine: no keys, and no metadata server of a cloud. */
const ENV_WITHOUT_KEYS = {
  AWS_EC2_METADATA_DISABLED: 'true',
  AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
  AWS_CONFIG_FILE: '/dev/null',
}

/** Python that returns the beginning of the error that other code raises. */
function captureProblem(code: string): string {
  return `try: exec(${pythonString(code)})\nexcept Exception as error: print(type(error).__name__, str(error)[:2000])`
}

function withoutDelegation(text: string): string {
  const shortened = text.replace(/\n.*Access-Delegation.*/, '')
  expect(shortened).not.toBe(text)
  return shortened
}
