import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { installOrSkip } from '@/testing/peers/install-or-skip'
import { installPyspark } from '@/testing/peers/install-pyspark'
import { installTrino } from '@/testing/peers/install-trino'
import { COMMONS_LANG, REST_FIXTURE, SPARK_RUNTIME } from '@/testing/peers/jars'
import { fetchJars } from '@/testing/peers/maven'
import { type GoldenCatalog, startGoldenCatalog } from './golden-catalog'
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
import { listGoldenTables } from './golden-tables'

/**
 * Spark and Trino still read the metadata tables that were recorded, which `golden-metadata-tables.test.ts` compares with those
 * of the product. With `LAKESHORE_WRITE_GOLDEN=metadata-tables` they are recorded again.
 */

const pyspark = installPyspark()
const jars = await installOrSkip('Iceberg for Spark', () => fetchJars([SPARK_RUNTIME, COMMONS_LANG, REST_FIXTURE]))
const trino = await installOrSkip('Trino', installTrino)
const isHere = pyspark !== null && jars !== null
const isWriting = process.env.LAKESHORE_WRITE_GOLDEN === 'metadata-tables'
const tables = listGoldenTables().filter(({ name }) =>
  (TABLES_WITH_METADATA_TABLES as readonly string[]).includes(name),
)

describe.skipIf(!isHere)('The metadata tables of a golden table (skipped when Spark is unavailable)', () => {
  let catalog: GoldenCatalog

  beforeAll(async () => {
    // PyIceberg is not started.
    catalog = await startGoldenCatalog({ pyspark: String(pyspark), pyiceberg: '' })
  })
  afterAll(async () => {
    await catalog?.stop()
  })

  for (const table of tables) {
    test(`are those that Spark reads: ${table.name}`, async () => {
      await catalog.register(table)
      const { metadata } = await catalog.loadTable(table.name)
      const reads: MetadataTableRead[] = []
      for (const target of metadataTableTargets(table.name, String(metadata.snapshots[0]?.snapshotId))) {
        reads.push({ ...target, ...(await readWithSpark(table.name, target)) })
      }
      if (isWriting) writeRecordedMetadataTables(table.name, reads)
      expect(readRecordedMetadataTables(table.name)).toEqual(reads)
    })
  }

  test.skipIf(trino === null)('are those that Trino reads (skipped when Trino is unavailable)', async () => {
    const table = listGoldenTables().find(({ name }) => name === TABLE_READ_WITH_TRINO)
    if (!table) throw new Error('there is no such golden table')
    await catalog.register(table)
    const reads: MetadataTableRead[] = []
    for (const name of TRINO_METADATA_TABLES)
      reads.push({ name, ...(await catalog.readMetadataTableWithTrino(table.name, name)) })
    if (isWriting) writeRecordedMetadataTables(TRINO_RECORD, reads)
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
