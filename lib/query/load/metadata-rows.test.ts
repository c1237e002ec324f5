import { RecordBatchStreamWriter } from 'apache-arrow'
import { expect, test } from 'vitest'
import type { NestedField } from '@/lib/iceberg/schema/types'
import { toArrowBatch } from '@/lib/scan/read/to-arrow'
import { vectorOf } from '@/lib/scan/read/vector-of'
import { loadMetadataRows, type MetadataRows } from './metadata-rows'

test('A bound in a metadata table that DuckDB would take for infinity is named, and not inserted', async () => {
  const bound: NestedField = { id: 2, name: 'upper_bound', required: false, type: 'timestamp_ns' }
  const seen: NestedField = { id: 1, name: 'seen', required: false, type: { type: 'struct', fields: [bound] } }
  const metrics: NestedField = {
    id: 3,
    name: 'readable_metrics',
    required: false,
    type: { type: 'struct', fields: [seen] },
  }
  const writer = new RecordBatchStreamWriter()
  writer.write(toArrowBatch([metrics], [vectorOf(metrics.type, [[[2n ** 63n - 1n]]])], 1))
  writer.finish()
  const arrow = writer.toUint8Array(true)
  const rows: MetadataRows = {
    async *read() {
      yield { rowCount: 1, arrow }
    },
  }
  const request = {
    names: ['readable_metrics'],
    into: 't',
    rowsNeeded: 10,
    limitBytes: 1_000_000,
    onUnreadable: () => expect.unreachable(),
  }
  const inserted: string[] = []
  const engine = { insert: async (table: string) => void inserted.push(table) }
  await expect(
    loadMetadataRows(rows, request, engine, new AbortController().signal, () => undefined),
  ).rejects.toMatchObject({ code: 'not-supported', facts: { column: 'readable_metrics.seen.upper_bound' } })
  expect(inserted).toEqual([])
})
