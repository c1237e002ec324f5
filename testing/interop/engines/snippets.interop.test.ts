import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { AccessMethod, SnippetEngine } from '@/lib/connect/snippet'
import { pythonString } from '@/lib/sql/quoting'
import type { TableIdentifier } from '@/lib/names/identifiers'
import { installDuckdb, openDuckdb } from '@/testing/peers/install-duckdb'
import { installPyiceberg } from '@/testing/peers/install-pyiceberg'
import { SPARK_RUNTIME } from '@/testing/peers/jars'
import { type Lakeshore, startLakeshore } from '@/testing/product/lakeshore'
import { fetchJars } from '@/testing/peers/maven'
import { installOrSkip } from '@/testing/peers/install-or-skip'
import { installPyspark } from '@/testing/peers/install-pyspark'
import { runToEnd } from '@/testing/processes/run-to-end'
import { createTables, fetchSnippet, snippetEnvironment, TABLES } from './snippet-tables'

/**
 * The snippets of the page *Connect*, run unchanged by the engines. The tests fill in only a token, by the environment,
 * for DuckDB in the text, and for Spark the jar, which it would fetch itself. Flink and Trino have separate tests.
 */

const TIMEOUT_MS = 300_000

const python = installPyiceberg()
const duckdb = installDuckdb()
const spark = installPyspark()
const jar = await installOrSkip('Iceberg for Spark', async () => (await fetchJars([SPARK_RUNTIME]))[0])

describe.skipIf(python === null)('The snippets of a table (skipped when PyIceberg is unavailable)', () => {
  let folder: string
  let lakeshore: Lakeshore

  beforeAll(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'snippets-'))
    lakeshore = await startLakeshore(folder)
    await createTables(String(python), lakeshore)
  })
  afterAll(async () => {
    await lakeshore.stop()
    rmSync(folder, { recursive: true })
  })

  const readSnippet = (engine: SnippetEngine, table: TableIdentifier, reach: AccessMethod) =>
    fetchSnippet(lakeshore, engine, table, reach)
  function runPython(interpreter: string, code: string): Promise<string> {
    const file = path.join(folder, 'snippet.py')
    writeFileSync(file, code)
    const env = { LAKESHORE_TOKEN: lakeshore.token, ...snippetEnvironment(interpreter === spark ? spark : null) }
    return runToEnd(interpreter, [file], { timeoutMs: TIMEOUT_MS, env })
  }

  describe.each(TABLES)('$namespace $table', (table) => {
    test.each(['rest', 'database', 'metadata'] as const)(
      'PyIceberg reads it with the snippet for %s',
      async (reach) => {
        expect(await runPython(String(python), await readSnippet('pyiceberg', table, reach))).toContain('id: [[1,2,3]]')
      },
    )

    test('curl receives its metadata', async () => {
      const text = await readSnippet('curl', table, 'rest')
      const env = { LAKESHORE_TOKEN: lakeshore.token }
      const answer = JSON.parse(await runToEnd('/bin/sh', ['-c', text], { timeoutMs: TIMEOUT_MS, env })) as Answer
      const { metadataLocation } = await lakeshore.console.table(table.namespace.join('\x1F'), table.table)
      expect(answer['metadata-location']).toBe(metadataLocation)
    })

    describe.skipIf(duckdb === null)('in DuckDB (skipped when it is unavailable)', () => {
      test.each(['rest', 'metadata'] as const)('its rows are counted with the snippet for %s', async (reach) => {
        const session = openDuckdb(String(duckdb))
        try {
          const text = await readSnippet('duckdb', table, reach)
          expect(await session.request({ sql: text.replace('LAKESHORE_TOKEN', lakeshore.token) })).toEqual([[3]])
        } finally {
          await session.stop()
        }
      })
    })

    test.skipIf(spark === null || jar === null)('Spark counts its rows (skipped when it is unavailable)', async () => {
      const text = await readSnippet('spark', table, 'rest')
      const localJar = `.config("spark.jars", ${pythonString(String(jar))}).config("spark.ui.enabled", "false")`
      const code = text.replace(/\.config\("spark\.jars\.packages", .*\)/, localJar)
      expect(await runPython(String(spark), code)).toMatch(/\|\s+3\|/)
    })
  })
})

type Answer = { 'metadata-location': string }
