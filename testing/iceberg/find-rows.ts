import type { AvroCodecs } from '@/lib/iceberg/avro/codecs'
import { stringifyExactJson } from '@/lib/iceberg/json/exact-json'
import { currentSchema } from '@/lib/iceberg/metadata/current-layout'
import type { Snapshot, TableMetadata } from '@/lib/iceberg/metadata/table-metadata'
import type { ByteSource } from '@/lib/parquet/byte-source'
import { createDeleteFileBuilder, type DeleteFile } from '@/lib/scan/deletes/delete-file'
import { createMatchingRows } from '@/lib/scan/matching-rows'
import { planScan } from '@/lib/scan/plan/scan-plan'
import { bindPredicate } from '@/lib/scan/predicate/bind-predicate'
import type { Predicate } from '@/lib/scan/predicate/predicate'
import { predicateToJson } from '@/lib/scan/predicate/predicate-json'
import { prunePlan } from '@/lib/scan/prune/prune-plan'
import type { RowValue } from '@/lib/scan/read/row-value'
import type { ScanFile } from '@/lib/scan/scan-files'
import { pageCodecs } from '@/testing/parquet/page-codecs'

type Table = {
  metadata: TableMetadata
  snapshot: Snapshot | null
  codecs: AvroCodecs
  /** The bytes of a file at a location. */
  read: (location: string) => Uint8Array
}
type FoundRow = { path: string; position: number; values: (RowValue | null)[] }

const MAX_ROWS = 100_000

/**
 * The rows of a table that pass a predicate, as scans of the product find them: by the manifests, metrics and indexes
 * of the table, and without deleted rows. For tests.
 *
 * @param fieldIds of the columns of the values
 */
export async function findRows(
  { metadata, snapshot, codecs, read }: Table,
  predicate: Predicate,
  fieldIds: readonly number[],
): Promise<{ rows: FoundRow[]; skippedFiles: number }> {
  const { fields } = currentSchema(metadata)
  const open = ({ path }: { path: string }): ByteSource => {
    const bytes = read(path)
    return { name: path, byteLength: bytes.length, read: async (start, end) => bytes.slice(start, end) }
  }
  const plan = await planScan({ metadata, snapshot }, { readFile: async (path) => read(path), codecs })
  const pruned = prunePlan(plan, bindPredicate(predicate, { fields }), { metadata })
  const deletes = (await plan.readDeletes())?.entries ?? []
  const toDeleteFile = createDeleteFileBuilder(metadata)
  async function* listFiles(): AsyncGenerator<ScanFile, void> {
    for await (const { filePath: path, deletes: applied, ...task } of pruned.tasks()) {
      const files = applied.flatMap((index): DeleteFile[] => {
        const entry = deletes[index]
        return entry ? [toDeleteFile(entry, index)] : []
      })
      yield { ...task, path, deletes: files }
    }
  }
  const { rows } = createMatchingRows({
    fields,
    filter: { where: stringifyExactJson(predicateToJson(predicate)), fields },
    nameMapping: null,
    files: listFiles(),
    open,
    openDelete: open,
    codecs: pageCodecs,
  })
  const { positions, sources, columns } = await rows.readRows({ firstRow: 0, lastRow: MAX_ROWS, fieldIds })
  const found = sources.flatMap(({ file, firstRow, lastRow }) =>
    [...positions.subarray(firstRow, lastRow)].map((position, i) => ({
      path: file.path,
      position,
      values: fieldIds.map((id) => columns.get(id)?.[firstRow + i] ?? null),
    })),
  )
  const { files } = pruned.skipped()
  return { rows: found, skippedFiles: Object.values(files).reduce((sum, skipped) => sum + skipped.files, 0) }
}
