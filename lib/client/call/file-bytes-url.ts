import { FILE_BYTES_PATH } from '@/lib/contract/shapes/plain-values'

/** Where the bytes of a planned file are. */
export function fileBytesUrl(token: string, index: number): string {
  return FILE_BYTES_PATH.replace(':token', encodeURIComponent(token)).replace(':index', String(index))
}
