import type { DataFileCodecs } from '@/lib/scan/read/file-facts'
import type { NestedField } from '@/lib/iceberg/schema/types'
import type { ByteSource } from '@/lib/parquet/byte-source'
import type { DeleteFile } from '@/lib/scan/deletes/delete-file'
import { SnapshotComparison, type SnapshotSide } from '@/lib/scan/compare/snapshot-comparison'
import { createRowReader } from '@/lib/scan/read-rows'
import type { ScanFile } from '@/lib/scan/scan-files'
import { createMatchingRowReader } from '@/lib/scan/matching-rows'
import type { OutputFilter } from '@/lib/scan/output/encode-scan'
import type { ListedFile } from '@/lib/api/listed-files'
import { decodeConstants } from '@/lib/api/planned-constants'
import { serializeError } from '../rows/serialized-error'
import { openRemote, openRemoteDelete } from '../rows/serve-rows'
import type { ComparisonReply, ComparisonRequest, SidePlan } from './comparison-messages'

/** Progress is not reported more often. */
const PROGRESS_INTERVAL_MS = 100

type ComparisonServerOptions = {
  codecs: DataFileCodecs
  open?: (file: ListedFile, token: string) => ByteSource
  openDelete?: (file: DeleteFile, token: string) => ByteSource
}

/** The worker's side of comparing snapshots: one comparison, and then its rows as they are requested. */
export function createComparisonServer(
  reply: (message: ComparisonReply) => void,
  { codecs, open = openRemote, openDelete = openRemoteDelete }: ComparisonServerOptions,
): (request: ComparisonRequest) => Promise<void> {
  let comparison: SnapshotComparison | null = null

  /** @param filter with the columns of both sides: columns that a side lacks are null there */
  const toSide = ({ token, fields, nameMapping, files }: SidePlan, filter: OutputFilter | null): SnapshotSide => ({
    fields,
    createReader: (readFields: readonly NestedField[]) => {
      const listed = new Map<number, ListedFile>()
      let firstRowIndex = 0
      const scanFiles = files.map((file): ScanFile => {
        listed.set(firstRowIndex, file)
        // Rows are counted in these files alone.
        const scanFile = { ...file, firstRowIndex, constants: decodeConstants(file) }
        firstRowIndex += file.recordCount
        return scanFile
      })
      const options = {
        fields: readFields,
        nameMapping,
        codecs,
        files: scanFiles.filter(({ recordCount }) => recordCount > 0),
        open: (file: ScanFile) => {
          const listedFile = listed.get(file.firstRowIndex)
          if (!listedFile) throw new Error(`${file.path} is not part of this comparison`)
          return open(listedFile, token)
        },
        openDelete: (file: DeleteFile) => openDelete(file, token),
      }
      if (filter === null) return createRowReader(options)
      const read = withOthers(readFields, filter.fields)
      return createMatchingRowReader({ ...options, fields: read, filter: { where: filter.where, fields: read } })
    },
  })

  const compare = async (request: ComparisonRequest & { kind: 'compare' }): Promise<void> => {
    const { before, after, keyIds, comparedIds, where } = request
    const startedAt = performance.now()
    let reportedAt = 0
    const filter = where === null ? null : { where, fields: withOthers(after.fields, before.fields) }
    const compared = new SnapshotComparison(toSide(before, filter), toSide(after, filter))
    const result = await compared.run({
      keyIds,
      comparedIds,
      hashKey: crypto.getRandomValues(new Uint8Array(16)),
      onProgress: (progress) => {
        const now = performance.now()
        if (now - reportedAt < PROGRESS_INTERVAL_MS) return
        reportedAt = now
        reply({ kind: 'progress', progress, cost: compared.cost() })
      },
    })
    comparison = compared
    reply({ kind: 'compared', result, cost: compared.cost(), elapsedMs: performance.now() - startedAt })
  }

  const read = async ({ id, filter, from, to }: ComparisonRequest & { kind: 'read' }): Promise<void> => {
    if (comparison === null) throw new Error('rows were requested before the comparison ended')
    reply({ kind: 'rows', id, rows: await comparison.readChanges(filter, { from, to }) })
  }

  return async (request) => {
    try {
      await (request.kind === 'compare' ? compare(request) : read(request))
    } catch (error) {
      reply({ kind: 'failed', id: request.kind === 'read' ? request.id : null, error: serializeError(error) })
    }
  }
}

/** The fields, and the fields of another list whose ids they lack. */
function withOthers(fields: readonly NestedField[], others: readonly NestedField[]): NestedField[] {
  const known = new Set(fields.map(({ id }) => id))
  return [...fields, ...others.filter(({ id }) => !known.has(id))]
}
