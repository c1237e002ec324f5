import 'server-only'
import { readFile, rm } from 'node:fs/promises'
import path from 'node:path'
import { partitionKey } from '@/lib/iceberg/manifest/partition-key'
import type { Schema } from '@/lib/iceberg/schema/types'
import type { ByteSource } from '@/lib/parquet/byte-source'
import { dataFileName } from '@/server/data-files/write/data-file-name'
import { encodeContents } from '@/server/data-files/write/encode-file'
import type { StagedFile } from '@/server/data-files/write/staged-file'
import { isStored } from '@/server/data-files/write/writable-columns'
import type { WriteSettings } from '@/server/data-files/write/write-settings'
import { joinFiles } from '@/server/parquet/cut/join-files'
import { pageCodecs } from '@/server/parquet/page-codecs'

/** Writing a longer file again takes longer than its readers would save. */
const MAX_SMALL_BYTES = 8 * 1024 * 1024

type JoinOptions = {
  /** An existing folder for the files. */
  folder: string
  fileStem: string
  schema: Schema
  write: WriteSettings
  signal: AbortSignal
}

/**
 * Makes files near the target size of the small files that several inputs left in a partition one after the other, with
 * the rows of the partition in the same order. The small files are removed. Memory is bounded by a few row groups; it
 * runs on one core.
 *
 * @param files of one partition spec, not sorted
 * @returns files in the order of their first rows
 */
export async function joinSmallFiles(files: readonly StagedFile[], options: JoinOptions): Promise<StagedFile[]> {
  const maxBytes = Math.min(MAX_SMALL_BYTES, options.write.targetFileBytes / 2)
  const isSmall = ({ fileSizeBytes }: StagedFile) => fileSizeBytes < maxBytes
  const joined = new Map<StagedFile, readonly StagedFile[]>()
  for (const ofPartition of Map.groupBy(files, toKey).values())
    for (const small of neighbours(ofPartition, isSmall)) {
      const [first] = small
      if (first === undefined || small.length < 2) continue
      options.signal.throwIfAborted()
      const written = await joinPartition(small, first.partition, options)
      for (const file of small) joined.set(file, file === first ? written : [])
    }
  return files.flatMap((file) => joined.get(file) ?? [file])
}

/** Those that follow one another. A large file between them stays between their rows: the last row of a key counts. */
function neighbours(files: readonly StagedFile[], isSmall: (file: StagedFile) => boolean): StagedFile[][] {
  const runs: StagedFile[][] = [[]]
  for (const file of files)
    if (isSmall(file)) runs.at(-1)?.push(file)
    else runs.push([])
  return runs
}

function toKey({ partition }: StagedFile): string {
  return partitionKey({ specId: 0, partition })
}

async function joinPartition(
  small: readonly StagedFile[],
  partition: StagedFile['partition'],
  { folder, fileStem, schema, write, signal }: JoinOptions,
): Promise<StagedFile[]> {
  const opened = small.map(({ stagedPath }) => ({ open: () => openInMemory(stagedPath, signal) }))
  const limits = { maxGroupRows: write.maxRowGroupRows, maxGroupBytes: write.rowGroupBytes }
  const contents = await joinFiles(opened, limits, pageCodecs)
  const written: StagedFile[] = []
  await encodeContents(
    contents,
    {
      nextPath: () => path.join(folder, dataFileName(fileStem)),
      onFile: (file, stagedPath) =>
        written.push({ stagedPath, fileName: path.basename(stagedPath), partition, ...file }),
    },
    { ...write, schema: { ...schema, fields: schema.fields.filter(isStored) } },
    { targetBytes: write.targetFileBytes, maxBytes: write.maxFileBytes },
  )
  for (const { stagedPath } of small) await rm(stagedPath)
  return written
}

async function openInMemory(file: string, signal: AbortSignal): Promise<ByteSource> {
  const bytes = await readFile(file, { signal })
  return {
    name: path.basename(file),
    byteLength: bytes.length,
    read: async (start, end) => bytes.subarray(start, end),
  }
}
