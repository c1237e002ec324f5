import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { quoteWithBackticks } from '@/lib/sql/quoting'
import type { TableIdentifier } from '@/lib/names/identifiers'
import { installPyiceberg } from '@/testing/peers/install-pyiceberg'
import { expectInConsole } from '@/testing/product/expect-in-console'
import { type Flink, startFlink } from '@/testing/peers/flink'
import { FLINK_JARS, FLINK_LIB_JARS } from '@/testing/peers/flink-jars'
import { type Lakeshore, startLakeshore } from '@/testing/product/lakeshore'
import { fetchJars } from '@/testing/peers/maven'
import { installOrSkip } from '@/testing/peers/install-or-skip'
import { createTables, fetchSnippet, TABLES } from './snippet-tables'

/**
 * The snippet for Flink of the page *Connect*, run unchanged by Flink's SQL client, with a token where the snippet
 * names one, and with the jars that it names next to Flink's own. PyIceberg creates the tables.
 */

const [plain, words, careful] = TABLES
const deep: TableIdentifier = {
  catalog: 'local',
  namespace: [...careful.namespace, 'of $three'],
  table: `ünï 😀 'q' "d" \`t\` \\ -- ; /*`,
}
/** Tables whose names Flink misreads, and its error. */
const MISREAD_TABLES = [
  { table: { ...plain, table: 'a.b' }, because: 'Table does not exist: shop.a.b' },
  { table: { ...plain, table: 'a$b' }, because: 'Illegal table name:a$b' },
  { table: { ...plain, table: '100% of it' }, because: 'FormatFlagsConversionMismatchException: Conversion = o' },
  {
    table: { catalog: 'local', namespace: ['50% off'], table: 'order' },
    because: 'FormatFlagsConversionMismatchException: Conversion = o',
  },
]
const SHOP = '`local`.`shop`'

const python = installPyiceberg()
const jars = await installOrSkip('Flink', () => fetchJars([...FLINK_JARS, ...FLINK_LIB_JARS]))

describe.skipIf(python === null || jars === null)(
  'The Flink snippet (skipped when Flink or PyIceberg is unavailable)',
  () => {
    let folder: string
    let lakeshore: Lakeshore
    let flink: Flink

    beforeAll(async () => {
      folder = mkdtempSync(path.join(tmpdir(), 'flink-'))
      lakeshore = await startLakeshore(folder)
      const misreadTables = MISREAD_TABLES.map(({ table }) => table)
      await createTables(String(python), lakeshore, [...TABLES, deep, ...misreadTables])
      flink = await startFlink(folder, jars ?? [])
    })
    afterAll(async () => {
      await flink?.stop()
      await lakeshore?.stop()
      rmSync(folder, { recursive: true })
    })

    const readSnippet = (table: TableIdentifier) => fetchSnippet(lakeshore, 'flink', table, 'rest')
    const run = (text: string) => flink.run(text.replaceAll('LAKESHORE_TOKEN', lakeshore.token))
    /** The snippet of the plain table up to its query, followed by other statements. */
    const withStatements = async (...statements: string[]) =>
      (await readSnippet(plain)).replace(/SELECT [^;]+;$/, () =>
        statements.map((statement) => `${statement};`).join('\n'),
      )

    test.each([plain, words, deep])('counts the rows of $namespace $table', async (table) => {
      expect(await run(await readSnippet(table))).toMatch(/\| +3 \|\n.*\n1 row in set/)
    })

    test('names the jars that these tests run it with', async () => {
      const named = (await readSnippet(plain)).match(/[\w.-]+\.jar/g)
      expect(named).toEqual(FLINK_LIB_JARS.map(({ coordinates }) => `${coordinates.split(':').slice(1).join('-')}.jar`))
    })

    test.each(MISREAD_TABLES)(
      'is not offered for a name that Flink misreads: $table.namespace $table.table',
      async ({ table, because }) => {
        await expect(readSnippet(table)).rejects.toThrow('There is no snippet')
        const name = [table.catalog, ...table.namespace, table.table].map(quoteWithBackticks).join('.')
        await expect(run(await withStatements(`SELECT count(*) FROM ${name}`))).rejects.toThrow(because)
      },
    )

    test('reaches a catalog in which Flink creates tables and writes rows', async () => {
      const answer = await run(
        await withStatements(
          `SET 'table.dml-sync' = 'true'`,
          `CREATE TABLE ${SHOP}.fares (id BIGINT NOT NULL, city STRING, fare DECIMAL(9, 2), made TIMESTAMP(6))
          PARTITIONED BY (city)`,
          `INSERT INTO ${SHOP}.fares VALUES (1, 'ABQ', 1.50, TIMESTAMP '2026-01-01 12:00:00.123456'),
          (3051729675574597004, 'ÅBC', CAST(NULL AS DECIMAL(9, 2)), CAST(NULL AS TIMESTAMP(6)))`,
          `INSERT INTO ${SHOP}.trips VALUES (4), (5)`,
          `SELECT * FROM ${SHOP}.fares ORDER BY id`,
        ),
      )
      expect(parseRows(answer)).toEqual([
        ['id', 'city', 'fare', 'made'],
        ['1', 'ABQ', '1.50', '2026-01-01 12:00:00.123456'],
        ['3051729675574597004', 'ÅBC', '<NULL>', '<NULL>'],
      ])
      const columns = ['id', 'city', 'fare', 'made']
      await expectInConsole(lakeshore.console, 'shop', 'fares').toHave({ rowCount: 2, columns, partitionedBy: 'city' })
      await expectInConsole(lakeshore.console, 'shop', 'trips').toHave({ rowCount: 5 })
    })
  },
)

/** The rows of the table that the client printed, its head first; every value as text. */
function parseRows(answer: string): string[][] {
  const lines = answer.split('\n').filter((line) => line.startsWith('| '))
  return lines.map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  )
}
