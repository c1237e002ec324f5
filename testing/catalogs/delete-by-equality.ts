import { randomUUID } from 'node:crypto'
import { NO_METRICS } from '@/lib/iceberg/manifest/manifest'
import { currentSchema } from '@/lib/iceberg/metadata/current-layout'
import { appendOperation } from '@/lib/iceberg/operations/append'
import type { TableIdentifier } from '@/lib/names/identifiers'
import { createParquetEncoder } from '@/lib/scan/output/parquet-encoder'
import type { RowValue } from '@/lib/scan/read/row-value'
import type { Services } from '@/server/services'
import { runOperation } from '@/server/table/commit/run-operation'
import type { LiveFile } from '@/server/table/files/live-files'
import { openTestCatalog, TEST_ACTOR } from './test-catalog'

/** Commits deletes by equality of one column in the partition of a data file, as Flink does. */
export async function deleteByEquality(
  services: Services,
  identifier: TableIdentifier,
  { dataFile: { specId, partition } }: LiveFile,
  { fieldId, values }: { fieldId: number; values: readonly RowValue[] },
): Promise<void> {
  const catalog = await openTestCatalog(services)
  const { metadata, store } = await catalog.loadTable(identifier)
  const fields = currentSchema(metadata).fields.filter(({ id }) => id === fieldId)
  const encoder = createParquetEncoder(fields)
  const bytes = Buffer.concat([
    encoder.start(),
    encoder.encode(new Map([[fieldId, values]]), values.length),
    encoder.end(),
  ])
  const filePath = `${metadata.location}/data/${randomUUID()}.parquet`
  await store.writeNew(filePath, bytes)
  const file = {
    content: 'equality-deletes',
    filePath,
    fileFormat: 'parquet',
    specId,
    partition,
    recordCount: values.length,
    fileSizeBytes: bytes.length,
    sortOrderId: null,
    equalityIds: [fieldId],
    splitOffsets: null,
    referencedDataFile: null,
    contentOffset: null,
    contentSizeBytes: null,
    firstRowId: null,
    metrics: {
      columnSizesBytes: NO_METRICS,
      valueCounts: NO_METRICS,
      nullValueCounts: NO_METRICS,
      nanValueCounts: NO_METRICS,
      lowerBounds: NO_METRICS,
      upperBounds: NO_METRICS,
    },
  } as const
  await runOperation(
    services.log,
    { catalog, store, identifier, auditAction: 'test', actor: TEST_ACTOR, signal: new AbortController().signal },
    async () => ({ operation: { ...appendOperation([file]), name: 'delete' } }),
  )
}
