import {
  asOfToInput,
  DELETE_BYTES_PATH,
  FILE_BYTES_PATH,
  REJECTED_RECORDS_PATH,
  SNAPSHOT_FILE_BYTES_PATH,
} from '@/lib/contract/shapes/plain-values'
import type { AsOf } from '@/lib/iceberg/as-of'
import { joinNamespace, type TableIdentifier } from '@/lib/names/identifiers'

/** Where the bytes of a planned file are. */
export function fileBytesUrl(token: string, index: number): string {
  return fillPath(FILE_BYTES_PATH, token, index)
}

/** Where the bytes of a delete file of a plan are. */
export function deleteBytesUrl(token: string, index: number): string {
  return fillPath(DELETE_BYTES_PATH, token, index)
}

/** Where the records are that a load rejected, as they came. */
export function rejectedRecordsUrl(runId: string): string {
  return REJECTED_RECORDS_PATH.replace(':run', encodeURIComponent(runId))
}

function fillPath(path: string, token: string, index: number): string {
  return path.replace(':token', encodeURIComponent(token)).replace(':index', String(index))
}

/** Where the bytes of a file are that a snapshot references. */
export function snapshotFileUrl(
  { catalog, namespace, table }: TableIdentifier,
  asOf: AsOf,
  { file, manifest }: { file: string; manifest: string | null },
): string {
  const params = { catalog, namespace: joinNamespace(namespace), table }
  const path = SNAPSHOT_FILE_BYTES_PATH.replace(/:(\w+)/g, (_, name: keyof typeof params) =>
    encodeURIComponent(params[name]),
  )
  const query = new URLSearchParams({ file, ...(manifest !== null && { manifest }) })
  for (const [name, value] of Object.entries(asOfToInput(asOf))) query.set(name, String(value))
  return `${path}?${query}`
}
