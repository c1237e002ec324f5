import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { parquetMetadata, parquetReadObjects } from 'hyparquet'
import { describe, expect, test } from 'vitest'
import { decompress } from '@/lib/parquet/decompress'
import type { Codec } from '@/lib/parquet/footer'
import { pageCodecs } from '@/server/parquet/page-codecs'
import { queryDuckdb } from '@/testing/ingest/test-staging'
import { SMALL_PAGES, transcodeBytes } from '@/testing/parquet/transcode-bytes'
import { readCorpusFile } from '@/testing/parquet-corpus/corpus-files'

const FIRST = 9_007_199_254_740_993n
const ADDED = [
  { name: '_row_id', fieldId: 2_147_483_540, numbers: { first: FIRST, counts: true } },
  { name: '_last_updated_sequence_number', fieldId: 2_147_483_539, numbers: { first: 7n, counts: false } },
]

describe('Columns that are added to a file', () => {
  test.each(['uncompressed', 'zstd'] as const)('are read by DuckDB and hyparquet, with %s', async (codec) => {
    const layout = { ...SMALL_PAGES, codec }
    const { bytes, file } = await transcodeBytes('v1-none.parquet', readCorpusFile('v1-none.parquet'), layout, {
      addedColumns: ADDED,
    })
    const folder = mkdtempSync(path.join(tmpdir(), 'added-column-'))
    try {
      const name = path.join(folder, 'file.parquet')
      writeFileSync(name, bytes)
      const columns = '"_row_id", "_last_updated_sequence_number"'
      const rows = await queryDuckdb(`SELECT ${columns} FROM read_parquet('${name}')`)
      const expected = Array.from({ length: file.rowCount }, (_, i) => [String(FIRST + BigInt(i)), '7'])
      expect(rows.map((row) => row.map(String))).toEqual(expected)
      const bounds = `SELECT DISTINCT stats_min_value, stats_max_value FROM parquet_metadata('${name}') WHERE path_in_schema = '_row_id' AND row_group_id = 0`
      const [first] = file.rowGroups
      const last = FIRST + BigInt((first?.rowCount ?? 0) - 1)
      expect((await queryDuckdb(bounds)).map((row) => row.map(String))).toEqual([[String(FIRST), String(last)]])
    } finally {
      rmSync(folder, { recursive: true })
    }
    const buffer = bytes.slice().buffer
    const decompressor = (given: Codec) => (input: Uint8Array, length: number) =>
      decompress({ codec: given, codecs: pageCodecs }, input, length)
    const read = await parquetReadObjects({
      file: buffer,
      metadata: parquetMetadata(buffer),
      columns: ['_row_id', '_last_updated_sequence_number'],
      compressors: { ZSTD: decompressor('zstd') },
    })
    expect(read[0]).toEqual({ _row_id: FIRST, _last_updated_sequence_number: 7n })
    expect(read).toHaveLength(file.rowCount)
  })
})
