import { DELETE_BYTES_PATH, FILE_BYTES_PATH } from '@/lib/contract/shapes/plain-values'

/** Where the bytes of a planned file are. */
export function fileBytesUrl(token: string, index: number): string {
  return fillPath(FILE_BYTES_PATH, token, index)
}

/** Where the bytes of a delete file of a plan are. */
export function deleteBytesUrl(token: string, index: number): string {
  return fillPath(DELETE_BYTES_PATH, token, index)
}

function fillPath(path: string, token: string, index: number): string {
  return path.replace(':token', encodeURIComponent(token)).replace(':index', String(index))
}
