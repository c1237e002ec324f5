import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { SchemaNode } from '@/lib/parquet/schema-node'
import { queryDuckdb } from '@/testing/ingest/test-staging'
import { SMALL_PAGES, transcodeBytes } from '@/testing/parquet/transcode-bytes'
import { canFillNulls } from './fill-nulls'

const FIRST_ROW_ID = 9_007_199_254_740_993n
const SEQUENCE_NUMBER = 12n
/** Some rows, all and none, over pages and row groups; few values, for which a dictionary is written. */
const ROW_ID = 'CASE WHEN i < 2500 AND i % 3 > 0 OR i > 5000 THEN NULL ELSE (i // 100) * 7 + 4611686018427387904 END'
const UPDATED = 'CASE WHEN i % 2048 > 1000 THEN 5 END::BIGINT'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'fill-nulls-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

/** @returns DuckDB's rows of the written file, and of the old one with the nulls filled by DuckDB itself */
async function fillAndRead(version: 'V1' | 'V2', fill: { rowIds: bigint; sequenceNumber: bigint }) {
  const [from, to] = [path.join(folder, `from-${version}.parquet`), path.join(folder, `to-${version}.parquet`)]
  await queryDuckdb(
    `COPY (SELECT i, (${ROW_ID})::BIGINT AS _row_id, ${UPDATED} AS _last_updated_sequence_number FROM range(7000) t(i))
     TO '${from}' (FORMAT parquet, PARQUET_VERSION ${version}, ROW_GROUP_SIZE 2048,
     FIELD_IDS {i: 1, _row_id: 2147483540, _last_updated_sequence_number: 2147483539})`,
  )
  const { bytes } = await transcodeBytes(from, readFileSync(from), SMALL_PAGES, {
    filledColumns: new Map([
      [2_147_483_540, { first: fill.rowIds, counts: true }],
      [2_147_483_539, { first: fill.sequenceNumber, counts: false }],
    ]),
  })
  writeFileSync(to, bytes)
  const read = await queryDuckdb(
    `SELECT i, _row_id, _last_updated_sequence_number FROM read_parquet('${to}', file_row_number = true) ORDER BY file_row_number`,
  )
  const expected = await queryDuckdb(
    `SELECT i, coalesce(_row_id, ${fill.rowIds} + file_row_number), coalesce(_last_updated_sequence_number, ${fill.sequenceNumber})
     FROM read_parquet('${from}', file_row_number = true) ORDER BY file_row_number`,
  )
  return { to, bytes, toText: (rows: typeof read) => rows.map((row) => row.map(String).join(' ')), read, expected }
}

describe('Nulls of row ids and sequence numbers', () => {
  test.each(['V1', 'V2'] as const)('are filled as DuckDB fills them, in pages of %s', async (version) => {
    const fill = { rowIds: FIRST_ROW_ID, sequenceNumber: SEQUENCE_NUMBER }
    const { to, read, expected, toText } = await fillAndRead(version, fill)
    expect(read).toHaveLength(7000)
    expect(toText(read)).toEqual(toText(expected))
    // Readers skip row groups by these.
    const statistics = await queryDuckdb(
      `SELECT row_group_id, stats_null_count, stats_min_value, stats_max_value FROM parquet_metadata('${to}') WHERE path_in_schema = '_row_id' ORDER BY 1`,
    )
    const bounds = await queryDuckdb(
      `SELECT i // 2048, 0, min(_row_id), max(_row_id) FROM read_parquet('${to}') GROUP BY 1 ORDER BY 1`,
    )
    expect(toText(statistics)).toEqual(toText(bounds))
  })

  test('are refused when a number would not fit in 64 bits', async () => {
    const fill = { rowIds: 2n ** 63n - 100n, sequenceNumber: SEQUENCE_NUMBER }
    await expect(fillAndRead('V1', fill)).rejects.toThrow('its row ids do not fit in 64 bits')
  })

  test.each([
    [{}, true],
    [{ maxRepetition: 1 }, false],
    [{ path: ['struct', '_row_id'] }, false],
    [{ leaf: { index: 0, physicalType: 'INT32', lengthBytes: 0 } }, false],
    [{ leaf: null }, false],
  ] satisfies [Partial<SchemaNode>, boolean][])(
    'are filled in columns of 64-bit integers alone: %j',
    (change, expected) => {
      const leaf = { index: 0, physicalType: 'INT64', lengthBytes: 0 } as const
      const node: SchemaNode = {
        name: '_row_id',
        path: ['_row_id'],
        fieldId: 2_147_483_540,
        repetition: 'optional',
        maxDefinition: 1,
        maxRepetition: 0,
        annotation: null,
        children: [],
        leaf,
      }
      expect(canFillNulls({ ...node, ...change })).toBe(expected)
    },
  )
})
