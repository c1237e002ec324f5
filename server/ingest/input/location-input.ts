import 'server-only'
import { AppError } from '@/lib/errors'
import type { LocationFiles } from '@/server/load-locations/location-files'
import type { FileVersion } from '@/server/storage/object-store'
import { copyInput, type CopyTarget, type InputFile } from './input-file'

/** A file of a load location, and the version of it that a run loads. */
type VersionedFile = { files: LocationFiles; path: string; version: FileVersion }

/**
 * Copies a file of a load location into a folder of this machine. Other programs write there, perhaps at this moment.
 *
 * @throws {AppError} file-damaged when the file is no longer the one whose version the run has read, or changes while it
 * is copied; file-missing; storage-full
 */
export async function copyLocationFile(
  { files, path, version }: VersionedFile,
  target: CopyTarget,
): Promise<InputFile> {
  const { signal } = target
  const name = `${files.name}/${path}`
  const requireUnchanged = async (cause?: unknown) => {
    const { sizeBytes, version: text } = await files.readVersion(path, signal)
    if (sizeBytes !== version.sizeBytes || text !== version.version) throw changedError(name, cause)
  }
  await requireUnchanged()
  try {
    const { sizeBytes } = version
    const copy = await copyInput({ name, sizeBytes, ...target }, async () => files.stream(path, sizeBytes, signal))
    await requireUnchanged()
    return copy
  } catch (error) {
    // A file that became shorter is reported as damaged.
    if (error instanceof AppError && error.code === 'file-damaged') await requireUnchanged(error)
    throw error
  }
}

function changedError(file: string, cause?: unknown): AppError {
  return new AppError(
    'file-damaged',
    `${file} changed while it was read. Nothing was loaded. Load it again once no program writes it.`,
    { facts: { file }, ...(cause !== undefined && { cause }) },
  )
}
