import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { FLINK_JARS, FLINK_LIB_JARS } from '@/testing/peers/flink-jars'
import { installOrSkip } from '@/testing/peers/install-or-skip'
import { installPyiceberg } from '@/testing/peers/install-pyiceberg'
import { installPyspark } from '@/testing/peers/install-pyspark'
import { installTrino } from '@/testing/peers/install-trino'
import { COMMONS_LANG, REST_FIXTURE, SPARK_RUNTIME } from '@/testing/peers/jars'
import { fetchJars } from '@/testing/peers/maven'
import { type GoldenCatalog, startGoldenCatalog } from './golden-catalog'
import { GOLDEN_RECIPES, type GoldenReader, type GoldenRecipe } from './golden-recipes'
import {
  type MetadataTableRead,
  metadataTableTargets,
  readRecordedMetadataTables,
  TABLE_READ_WITH_TRINO,
  TABLES_WITH_METADATA_TABLES,
  TRINO_METADATA_TABLES,
  TRINO_RECORD,
  writeRecordedMetadataTables,
} from './golden-metadata-tables'
import { type GoldenTable, listGoldenTables } from './golden-tables'
import { recordGoldenTable } from './record-golden-table'

/**
 * The programs that read the golden tables when they were recorded still read the same rows and metadata tables, which
 * `golden-tables.test.ts` and `golden-metadata-tables.test.ts` compare with those of the product. With
 * `LAKESHORE_WRITE_GOLDEN`, `all` or names of tables, the tables are first written again, named ones by their own writers
 * and readers alone; with `metadata-tables`, the metadata tables are recorded again.
 */

const toWrite = (process.env.LAKESHORE_WRITE_GOLDEN ?? '').split(',').filter((name) => name !== '')
const isWritingMetadataTables = toWrite.includes('metadata-tables')
const recipes = GOLDEN_RECIPES.filter(({ name }) => toWrite.includes('all') || toWrite.includes(name))
const written = new Set(recipes.map(({ name }) => name))
const isWritingNamed = toWrite.length > 0 && !toWrite.includes('all') && !isWritingMetadataTables
const withMetadataTables = listGoldenTables().filter(
  ({ name }) =>
    (TABLES_WITH_METADATA_TABLES as readonly string[]).includes(name) && (!isWritingNamed || written.has(name)),
)
const readsWithTrino = !isWritingNamed || written.has(TABLE_READ_WITH_TRINO)

/** The writing of named tables needs only their writers and readers. */
const used = new Set<string>(recipes.flatMap(({ writer, readers }) => [writer, ...readers]))
const isUsed = (...programs: (GoldenReader | GoldenRecipe['writer'])[]) =>
  !isWritingNamed || programs.some((program) => used.has(program))
const NOT_USED = 'not used'
const fixture = await installOrSkip("Iceberg's REST catalog", () => fetchJars([REST_FIXTURE]))
const pyspark = isUsed('spark', 'java') ? installPyspark() : NOT_USED
const jars = isUsed('spark', 'java')
  ? await installOrSkip('Iceberg for Spark', () => fetchJars([SPARK_RUNTIME, COMMONS_LANG]))
  : NOT_USED
const pyiceberg = isUsed('pyiceberg') ? installPyiceberg() : NOT_USED
const trino = isUsed('trino') || readsWithTrino ? await installOrSkip('Trino', installTrino) : NOT_USED
const flink = isUsed('flink')
  ? await installOrSkip('Flink', () => fetchJars([...FLINK_JARS, ...FLINK_LIB_JARS]))
  : NOT_USED
const isHere = [fixture, pyspark, jars, pyiceberg, trino, flink].every((program) => program !== null)

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

  const recorded = toWrite.length > 0 ? [] : listGoldenTables()
  // One table, with deletes on a dropped column, has no reader: its rows are those of the specification.
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

  for (const table of withMetadataTables) {
    test(`has the metadata tables that Spark read: ${table.name}`, async () => {
      await catalog.register(table)
      const { metadata } = await catalog.loadTable(table.name)
      const reads: MetadataTableRead[] = []
      for (const target of metadataTableTargets(table.name, String(metadata.snapshots[0]?.snapshotId))) {
        reads.push({ ...target, ...(await readWithSpark(table.name, target)) })
      }
      if (isWritingMetadataTables) writeRecordedMetadataTables(table.name, reads)
      expect(readRecordedMetadataTables(table.name)).toEqual(reads)
    })
  }

  test.runIf(readsWithTrino)('has the metadata tables that Trino read', async () => {
    const table = listGoldenTables().find(({ name }) => name === TABLE_READ_WITH_TRINO)
    if (!table) throw new Error('there is no such golden table')
    await catalog.register(table)
    const reads: MetadataTableRead[] = []
    for (const name of TRINO_METADATA_TABLES)
      reads.push({ name, ...(await catalog.readMetadataTableWithTrino(table.name, name)) })
    if (isWritingMetadataTables) writeRecordedMetadataTables(TRINO_RECORD, reads)
    expect(readRecordedMetadataTables(TRINO_RECORD)).toEqual(reads)
  })

  async function readWithSpark(table: string, { name, snapshotId }: { name: string; snapshotId?: string }) {
    try {
      return await catalog.readMetadataTable(table, name, snapshotId)
    } catch (error) {
      // The first line that names an exception, without its trace.
      const [, problem] = /Exception: ([^\n]+)/.exec(String(error)) ?? []
      if (problem === undefined) throw error
      return { problem }
    }
  }
})
