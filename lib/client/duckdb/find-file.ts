import { findTableFile } from '@/lib/api/table-file'
import { type FindFile, STANDALONE_FILE } from '@/lib/query/load/file-scan'
import { findDroppedFile } from '../table/dropped-files'

/** Finds a file of a table, or one that was dropped on the page. */
export const findFile: FindFile = async (requested, options) => {
  if (requested.kind === 'table') return await findTableFile(requested, options)
  const { name, id, file } = findDroppedFile(requested.name)
  const url = `dropped:${id}`
  return { key: url, file: { ...STANDALONE_FILE, url, name, byteLength: file.size, blob: file } }
}
