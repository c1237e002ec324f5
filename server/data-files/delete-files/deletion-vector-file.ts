import 'server-only'
import { stringifyExactJson } from '@/lib/iceberg/json/exact-json'
import type { DeletedRows } from '@/lib/scan/deletes/deleted-rows'
import { encodeDeletionVector } from '@/lib/scan/deletes/encode-deletion-vector'
import { version } from '@/package.json'

const MAGIC = Buffer.from('PFA1')
/** The column of row positions. Spec: Iceberg table spec, *Reserved Field IDs*. */
const ROW_POSITION_ID = 2_147_483_645

export type DeletionVectorFile = { bytes: Uint8Array; contentOffset: number; contentSizeBytes: number }

/**
 * Writes a Puffin file with the deletion vector of one data file.
 *
 * Spec: Iceberg Puffin spec, *File structure* and *deletion-vector-v1*.
 */
export function writeDeletionVectorFile(dataFilePath: string, deleted: DeletedRows): DeletionVectorFile {
  const blob = encodeDeletionVector(deleted)
  const contentOffset = MAGIC.length
  const footer = {
    blobs: [
      {
        type: 'deletion-vector-v1',
        fields: [ROW_POSITION_ID],
        'snapshot-id': -1,
        'sequence-number': -1,
        offset: contentOffset,
        length: blob.length,
        properties: { 'referenced-data-file': dataFilePath, cardinality: String(deleted.count) },
      },
    ],
    properties: { 'created-by': `Lakeshore version ${version}` },
  }
  const payload = Buffer.from(stringifyExactJson(footer))
  const sizeAndFlags = Buffer.alloc(8)
  sizeAndFlags.writeUInt32LE(payload.length, 0)
  const bytes = Buffer.concat([MAGIC, blob, MAGIC, payload, sizeAndFlags, MAGIC])
  return { bytes, contentOffset, contentSizeBytes: blob.length }
}
