import 'server-only'
import type { TableMetadata } from '@/lib/iceberg/metadata/table-metadata'
import { DeleteIndex } from '@/lib/scan/deletes/delete-index'
import type { LiveFile } from '@/server/table/live-files'
import type { ManifestCache } from '@/server/table/manifest-cache'
import type { LeftOut } from './left-out'
import { MAX_FILE_BYTES } from './rewrite-task'

/** Data files that may be rewritten, and the others, as far as manifests say. */
export type Candidates = { files: readonly LiveFile[]; leftOut: readonly { file: LiveFile; why: LeftOut }[] }

/**
 * Files with deletes by position are left out: those deletes name a file by its path, so they would not apply to a new
 * one. Deletes by equality apply by sequence number, which a new file keeps.
 *
 * @param live data and delete files of a snapshot
 */
export async function findCandidates(
  metadata: TableMetadata,
  live: readonly LiveFile[],
  { takeTurns }: Pick<ManifestCache, 'takeTurns'>,
): Promise<Candidates> {
  const deletes = await DeleteIndex.createInTurns(
    live.filter(({ dataFile }) => dataFile.content !== 'data'),
    metadata,
    takeTurns,
  )
  const files: LiveFile[] = []
  const leftOut: { file: LiveFile; why: LeftOut }[] = []
  for (const [i, file] of live.entries()) {
    if (i % FILES_PER_TURN === 0) await takeTurns()
    if (file.dataFile.content !== 'data') continue
    const reason = leftOutReason(file, deletes)
    if (reason === null) files.push(file)
    else leftOut.push({ file, why: { reason, detail: null } })
  }
  return { files, leftOut }
}

const FILES_PER_TURN = 500

function leftOutReason(file: LiveFile, deletes: DeleteIndex): LeftOut['reason'] | null {
  const { fileFormat, fileSizeBytes } = file.dataFile
  if (fileFormat !== 'parquet') return 'format'
  if (fileSizeBytes > MAX_FILE_BYTES) return 'too-large'
  const { deletionVector, positionDeletes } = deletes.find(file)
  if (deletionVector) return 'deletion-vector'
  return positionDeletes.length > 0 ? 'position-deletes' : null
}
