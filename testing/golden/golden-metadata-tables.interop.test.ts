import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { installOrSkip } from '@/testing/peers/install-or-skip'
import { installPyspark } from '@/testing/peers/install-pyspark'
import { COMMONS_LANG, REST_FIXTURE, SPARK_RUNTIME } from '@/testing/peers/jars'
import { fetchJars } from '@/testing/peers/maven'
import { type GoldenCatalog, startGoldenCatalog } from './golden-catalog'
import {
  type MetadataTableRead,
  metadataTableTargets,
  readRecordedMetadataTables,
  TABLES_WITH_METADATA_TABLES,
  writeRecordedMetadataTables,
} from './golden-metadata-tables'
import { listGoldenTables } from './golden-tables'

/**
 * Spark still reads the metadata tables that were recorded, which `golden-metadata-tables.test.ts` compares with those
 * of the product. With `LAKESHORE_WRITE_GOLDEN=metadata-tables` they are recorded again.
 */

const pyspark = installPyspark()
const jars = await installOrSkip('Iceberg for Spark', () => fetchJars([SPARK_RUNTIME, COMMONS_LANG, REST_FIXTURE]))
const isHere = pyspark !== null && jars !== null
const isWriting = process.env.LAKESHORE_WRITE_GOLDEN === 'metadata-tables'
const tables = listGoldenTables().filter(({ name }) =>
  (TABLES_WITH_METADATA_TABLES as readonly string[]).includes(name),
)

describe.skipIf(!isHere)('The metadata tables of a golden table (skipped when Spark is unavailable)', () => {
  let catalog: GoldenCatalog

  beforeAll(async () => {
    // Only Spark is started.
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
      for (const target of metadataTableTargets(String(metadata.snapshots[0]?.snapshotId))) {
        reads.push({ ...target, ...(await readWithSpark(table.name, target)) })
      }
      if (isWriting) writeRecordedMetadataTables(table.name, reads)
      expect(readRecordedMetadataTables(table.name)).toEqual(reads)
    })
  }

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
