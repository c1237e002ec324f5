import type { PlannedDeleteFile, PlannedFile, SignedScanPlan } from '@/lib/contract/table/scan'
import { AppError } from '@/lib/errors'
import type { NestedField } from '@/lib/iceberg/schema/types'
import { addDefaults } from './planned-defaults'

/** A planned file with the delete files that apply to it. */
export type ListedFile = Omit<PlannedFile, 'deletes'> & { deletes: readonly ListedDeleteFile[] }

/** Its fields have the initial defaults that data files without the column are compared by. */
type ListedDeleteFile = Omit<PlannedDeleteFile, 'equalityFields'> & { equalityFields: readonly NestedField[] }

/** Files as the server lists them: each delete file once. */
export type FileListing = { files: readonly PlannedFile[]; deleteFiles: readonly PlannedDeleteFile[] }

/** @throws {AppError} internal when the listing lacks a delete file, because deleted rows would be shown */
export function toListedFiles(
  { files, deleteFiles }: FileListing,
  plan: Pick<SignedScanPlan, 'defaults'>,
): ListedFile[] {
  const byIndex = new Map(
    deleteFiles.map((file) => [file.index, { ...file, equalityFields: addDefaults(file.equalityFields, plan) }]),
  )
  return files.map((file) => ({
    ...file,
    deletes: file.deletes.map((index) => {
      const deleteFile = byIndex.get(index)
      if (deleteFile) return deleteFile
      throw new AppError('internal', `The server listed no delete file with the index ${index}.`)
    }),
  }))
}
