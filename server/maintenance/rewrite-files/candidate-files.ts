import 'server-only'
import type { DataFile, ManifestEntry } from '@/lib/iceberg/manifest/manifest'
import type { TableMetadata } from '@/lib/iceberg/metadata/table-metadata'
import { type AppliedDeletes, DeleteIndex } from '@/lib/scan/deletes/delete-index'
import type { LiveFile } from '@/server/table/files/live-files'
import type { ManifestCache } from '@/server/table/manifest-cache'
import type { LeftOut } from './left-out'
import { MAX_FILE_BYTES } from './rewrite-task'

/** Data files that may be rewritten, and the others, as far as manifests say. */
export type Candidates = {
  files: readonly LiveFile[]
  leftOut: readonly { file: LiveFile; why: LeftOut }[]
  deletes: DeletesOfFiles
}

/** @param live data and delete files of a snapshot */
export async function findCandidates(
  metadata: TableMetadata,
  live: readonly LiveFile[],
  { takeTurns }: Pick<ManifestCache, 'takeTurns'>,
): Promise<Candidates> {
  const index = await DeleteIndex.createInTurns(
    live.filter(({ dataFile }) => dataFile.content !== 'data'),
    metadata,
    takeTurns,
  )
  const files: LiveFile[] = []
  const skipped: { file: LiveFile; why: LeftOut }[] = []
  const deletes = new DeletesOfFiles()
  for (const [i, file] of live.entries()) {
    if (i % FILES_PER_TURN === 0) await takeTurns()
    if (file.dataFile.content !== 'data') continue
    if (index.entries.length > 0) deletes.add(file, index.find(file))
    const why = skipReason(file, deletes.byPosition(file))
    if (why === null) files.push(file)
    else skipped.push({ file, why })
  }
  return { files, leftOut: skipped, deletes }
}

const FILES_PER_TURN = 500

function skipReason({ dataFile }: LiveFile, byPosition: readonly ManifestEntry[]): LeftOut | null {
  if (dataFile.fileFormat !== 'parquet') return { reason: 'format', detail: null }
  if (dataFile.fileSizeBytes > MAX_FILE_BYTES) return { reason: 'too-large', detail: null }
  const unreadable = byPosition.find((each) => each.dataFile.fileFormat === 'orc')
  return unreadable ? { reason: 'delete-format', detail: unreadable.dataFile.filePath } : null
}

/** Which delete files apply, or may apply, to the data files of a snapshot. */
export class DeletesOfFiles {
  readonly #byPosition = new Map<string, readonly ManifestEntry[]>()
  readonly #withEquality = new Set<string>()
  /** How many data files each delete file by position may apply to. */
  readonly #uses = new Map<ManifestEntry, number>()

  add({ dataFile }: LiveFile, { deletionVector, positionDeletes, equalityDeletes }: AppliedDeletes): void {
    if (equalityDeletes.length > 0) this.#withEquality.add(dataFile.filePath)
    const entries = deletionVector ? [deletionVector] : positionDeletes
    if (entries.length === 0) return
    this.#byPosition.set(dataFile.filePath, entries)
    for (const entry of entries) this.#uses.set(entry, (this.#uses.get(entry) ?? 0) + 1)
  }

  /** A deletion vector, or files of positions. They name data files by their paths, so they do not apply to new ones. */
  byPosition({ dataFile }: LiveFile): readonly ManifestEntry[] {
    return this.#byPosition.get(dataFile.filePath) ?? []
  }

  hasEquality({ dataFile }: LiveFile): boolean {
    return this.#withEquality.has(dataFile.filePath)
  }

  /** Deletes by position that apply to no file once these data files are removed. */
  onlyOf(files: readonly LiveFile[]): DataFile[] {
    const uses = new Map<ManifestEntry, number>()
    for (const file of files) for (const entry of this.byPosition(file)) uses.set(entry, (uses.get(entry) ?? 0) + 1)
    return [...uses].flatMap(([entry, count]) => (count === this.#uses.get(entry) ? [entry.dataFile] : []))
  }
}
