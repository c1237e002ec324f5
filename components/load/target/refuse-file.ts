import { formatBytes } from '@/lib/format/bytes'

/**
 * Why a file cannot be loaded, as far as its name and its size say it; null if nothing is known against it.
 *
 * @param maxBytes of an upload; undefined until the server has said it
 */
export function refuseFile({ name, size }: Pick<File, 'name' | 'size'>, maxBytes: number | undefined): string | null {
  if (/\.zip$/i.test(name)) return 'A zip archive cannot be loaded: unpack it and drop its files.'
  if (/\.(xlsx|xlsm|xls|ods)$/i.test(name)) return 'A spreadsheet cannot be loaded: save it as CSV and drop that.'
  if (size === 0) return 'The file is empty.'
  if (maxBytes !== undefined && size > maxBytes)
    return `The file has ${formatBytes(size)}; an upload has at most ${formatBytes(maxBytes)}.`
  return null
}
