import 'server-only'
import type { Schema } from '@/lib/iceberg/schema/types'
import { createRowReader } from '@/lib/scan/read-rows'
import { avroCodecs } from '@/server/codecs/avro-codecs'
import type { StagedFile } from '@/server/data-files/write/staged-file'
import { pageCodecs } from '@/server/parquet/page-codecs'
import { withFileSource } from '@/server/parquet/transcode/local-file'
import type { LandingLoad } from '../landing'
import type { KeyColumns } from './key-columns'
import type { KeyTable } from './key-table'
import { KeyedRowReader } from './keyed-rows'

const CACHE_BYTES = 16 * 1024 * 1024

/**
 * Adds the keys of the staged files to the table, and finds the rows that a later row of the input supersedes: the last
 * one of a key is used. PyIceberg refuses such an input, and Spark's `MERGE` fails on it.
 *
 * Rows of one key are in the order of the input if they are in one partition, whose rows are not sorted. Otherwise the
 * input is staged once more in its order, which costs time only where keys are repeated.
 *
 * @returns how many rows are superseded
 */
export async function addStagedKeys(table: KeyTable, keys: KeyColumns, load: LandingLoad): Promise<number> {
  const { schema, files, signal } = load
  const staged = files.map(({ file }) => file)
  const read = (target: 'staged' | 'ordered' | 'written', from: readonly StagedFile[], readsDigests: boolean) =>
    addRows(table, target, from, { schema, reader: new KeyedRowReader(schema, keys, { readsDigests }), signal })
  await read('staged', staged, false)
  const supersededCount = await table.finishStaged()
  if (supersededCount === 0) return 0
  if (hasInputOrder(keys, load)) await table.supersedeByOrder()
  else {
    load.log('Keys are repeated, so the input is read again in its order to find the last row of each.')
    await read('ordered', await load.stageInOrder(), true)
    await read('written', staged, true)
    await table.supersedeByValues()
  }
  return supersededCount
}

function hasInputOrder(keys: KeyColumns, { isSorted, spec }: LandingLoad): boolean {
  const ids = new Set(keys.map(({ fieldId }) => fieldId))
  return !isSorted && spec.fields.every(({ sourceId }) => ids.has(sourceId))
}

async function addRows(
  table: KeyTable,
  target: 'staged' | 'ordered' | 'written',
  files: readonly StagedFile[],
  { schema, reader, signal }: { schema: Schema; reader: KeyedRowReader; signal: AbortSignal },
): Promise<void> {
  for (const [index, { stagedPath: path, recordCount, fileSizeBytes }] of files.entries())
    await withFileSource(path, async (source) => {
      const file = { path, fileSizeBytes, recordCount, firstRowIndex: 0, sequenceNumber: 0, constants: new Map() }
      const rows = createRowReader({
        fields: schema.fields,
        files: [file],
        open: () => source,
        codecs: { ...pageCodecs, avro: avroCodecs },
        limits: { cacheBytes: CACHE_BYTES },
      })
      for await (const batch of reader.read(rows, { firstRow: 0, rowCount: recordCount, signal }))
        await table.add(target, index, batch)
    })
}
