import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { FLINK_JARS, FLINK_LIB_JARS } from '@/testing/peers/flink-jars'
import { installOrSkip } from '@/testing/peers/install-or-skip'
import { installPyiceberg } from '@/testing/peers/install-pyiceberg'
import { installPyspark } from '@/testing/peers/install-pyspark'
import { installTrino } from '@/testing/peers/install-trino'
import { COMMONS_LANG, REST_FIXTURE, SPARK_RUNTIME } from '@/testing/peers/jars'
import { fetchJars } from '@/testing/peers/maven'
import { type GoldenCatalog, startGoldenCatalog } from './golden-catalog'
import { GOLDEN_RECIPES, type GoldenReader } from './golden-recipes'
import { type GoldenTable, listGoldenTables } from './golden-tables'
import { recordGoldenTable } from './record-golden-table'

/**
 * The programs that read the golden tables when they were recorded still read the same rows. With
 * `LAKESHORE_WRITE_GOLDEN`, `all` or names of tables, the tables are first written again.
 */

const pyspark = installPyspark()
const jars = await installOrSkip('Iceberg for Spark', () => fetchJars([SPARK_RUNTIME, COMMONS_LANG, REST_FIXTURE]))
const pyiceberg = installPyiceberg()
const trino = await installOrSkip('Trino', installTrino)
const flink = await installOrSkip('Flink', () => fetchJars([...FLINK_JARS, ...FLINK_LIB_JARS]))
const isHere = [pyspark, jars, pyiceberg, trino, flink].every((program) => program !== null)

const toWrite = (process.env.LAKESHORE_WRITE_GOLDEN ?? '').split(',').filter((name) => name !== '')
const recipes = GOLDEN_RECIPES.filter(({ name }) => toWrite.includes('all') || toWrite.includes(name))

describe.skipIf(!isHere)('A golden table (skipped when an engine is unavailable)', () => {
  let catalog: GoldenCatalog

  beforeAll(async () => {
    catalog = await startGoldenCatalog({ pyspark: String(pyspark), pyiceberg: String(pyiceberg) })
  })
  afterAll(async () => {
    await catalog?.stop()
  })

  for (const recipe of recipes) {
    test(`is written: ${recipe.name}`, async () => {
      await expect(recordGoldenTable(catalog, recipe)).resolves.toBeUndefined()
    })
  }

  const written = new Set(recipes.map(({ name }) => name))
  const recorded = toWrite.length > 0 ? [] : listGoldenTables()
  // One table, with deletes on a column that was dropped, has no reader: its rows are those of the specification.
  for (const table of recorded.filter(({ name, readers }) => !written.has(name) && readers.length > 0)) {
    test(`is read as it was recorded: ${table.name}`, async () => {
      await catalog.register(table)
      for (const { columns, rows, lineage, ...target } of table.reads) {
        for (const reader of table.readers) {
          const message = `${reader} at ${JSON.stringify(target)}`
          expect(await catalog.read(reader as GoldenReader, table.name, target), message).toEqual({ columns, rows })
        }
        const again = lineage && (await catalog.read('lineage', table.name, target))
        expect(again).toEqual(lineage)
      }
    })
  }

  test('comes from a recipe', () => {
    const names = listGoldenTables().map((table: GoldenTable) => table.name)
    expect(new Set(names)).toEqual(new Set(GOLDEN_RECIPES.map(({ name }) => name)))
  })
})
