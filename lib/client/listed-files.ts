import type { PlannedDeleteFile, PlannedFile } from '@/lib/contract/scan'
import { AppError } from '@/lib/errors'

/** A planned file with the delete files that apply to it. */
export type ListedFile = Omit<PlannedFile, 'deletes'> & { deletes: readonly PlannedDeleteFile[] }

/** Files as the server lists them: each delete file once. */
export type FileListing = { files: readonly PlannedFile[]; deleteFiles: readonly PlannedDeleteFile[] }

/** @throws {AppError} internal when the listing lacks a delete file, because deleted rows would be shown */
export function toListedFiles({ files, deleteFiles }: FileListing): ListedFile[] {
  const byIndex = new Map(deleteFiles.map((file) => [file.index, file]))
  return files.map((file) => ({
    ...file,
    deletes: file.deletes.map((index) => {
      const deleteFile = byIndex.get(index)
      if (deleteFile) return deleteFile
      throw new AppError('internal', `The server listed no delete file with the index ${index}.`)
    }),
  }))
}
