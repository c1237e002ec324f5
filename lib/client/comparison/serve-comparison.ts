import type { DataFileCodecs } from '@/lib/scan/read/file-facts'
import type { NestedField } from '@/lib/iceberg/schema/types'
import type { ByteSource } from '@/lib/parquet/byte-source'
import type { DeleteFile } from '@/lib/scan/deletes/delete-file'
import { SnapshotComparison, type SnapshotSide } from '@/lib/scan/compare/snapshot-comparison'
import { createRowReader } from '@/lib/scan/read-rows'
import type { ScanFile } from '@/lib/scan/scan-files'
import type { ListedFile } from '../listed-files'
import { decodeConstants } from '../planned-constants'
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

  const toSide = ({ token, fields, nameMapping, files }: SidePlan): SnapshotSide => ({
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
      return createRowReader({
        fields: readFields,
        nameMapping,
        codecs,
        files: scanFiles.filter(({ recordCount }) => recordCount > 0),
        open: (file) => {
          const listedFile = listed.get(file.firstRowIndex)
          if (!listedFile) throw new Error(`${file.path} is not part of this comparison`)
          return open(listedFile, token)
        },
        openDelete: (file) => openDelete(file, token),
      })
    },
  })

  const compare = async ({ before, after, keyIds }: ComparisonRequest & { kind: 'compare' }): Promise<void> => {
    const startedAt = performance.now()
    let reportedAt = 0
    const compared = new SnapshotComparison(toSide(before), toSide(after))
    const result = await compared.run({
      keyIds,
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
