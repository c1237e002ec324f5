import 'server-only'
import type { SkippedFiles, LeftOutReason } from '@/lib/contract/table/rewrites'
import type { DataFile } from '@/lib/iceberg/manifest/manifest'

/** Why a file stays as it is. */
export type LeftOut = { reason: LeftOutReason; detail: string | null }

/** Counts files that stay as they are, by the reason. */
export class LeftOutCount {
  readonly #byReason = new Map<LeftOutReason, SkippedFiles>()

  add({ filePath, fileSizeBytes }: DataFile, { reason, detail }: LeftOut): void {
    const known = this.#byReason.get(reason)
    if (!known) {
      this.#byReason.set(reason, { reason, fileCount: 1, fileBytes: fileSizeBytes, path: filePath, detail })
      return
    }
    known.fileCount += 1
    known.fileBytes += fileSizeBytes
  }

  get fileCount(): number {
    return this.list().reduce((total, { fileCount }) => total + fileCount, 0)
  }

  list(): SkippedFiles[] {
    return [...this.#byReason.values()]
  }
}

/** For the log of a run. */
export const LEFT_OUT_TEXTS: Readonly<Record<LeftOutReason, string>> = {
  format: 'not Parquet',
  'delete-format': 'their delete files have a format that Lakeshore cannot read',
  encrypted: 'encrypted',
  'too-large': 'larger than the limit of a rewrite',
  'no-field-ids': 'their columns have no field ids, which settings of single columns need',
  'row-lineage': 'their row ids or sequence numbers are not stored as 64-bit integers',
  unreadable: 'they cannot be read',
  changed: 'another commit removed them during the run',
}
