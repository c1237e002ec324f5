import 'server-only'
import pMap from 'p-map'
import type { ObjectStore } from '@/server/storage/object-store'
import type { PlacedFile } from '../land/landing'

/**
 * Most of the time of a small file is waiting until the disk or the store has it. The parts of a large one are moved in
 * parallel already, and take memory.
 */
const MAX_SMALL_FILE_BYTES = 8 * 1024 * 1024
const MAX_PARALLEL_IMPORTS = 16

/**
 * Moves staged files to the table, each of them durable. It returns or throws only when no file is being moved any
 * longer: the files of a failed load are removed after that.
 *
 * @throws the first failure
 */
export async function importFiles(
  store: Pick<ObjectStore, 'importFile'>,
  files: readonly PlacedFile[],
  signal: AbortSignal,
): Promise<void> {
  const areSmall = files.every(({ file }) => file.fileSizeBytes <= MAX_SMALL_FILE_BYTES)
  const failures: unknown[] = []
  await pMap(
    files,
    async ({ file, dataFile }) => {
      if (failures.length > 0) return
      try {
        signal.throwIfAborted()
        await store.importFile(file.stagedPath, dataFile.filePath)
      } catch (error) {
        failures.push(error)
      }
    },
    { concurrency: areSmall ? MAX_PARALLEL_IMPORTS : 1 },
  )
  if (failures.length > 0) throw failures[0]
}
