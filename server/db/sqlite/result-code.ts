import 'server-only'

const SQLITE_BUSY = 5
const SQLITE_LOCKED = 6

/** Whether SQLite refused because another connection holds the file: a later attempt may succeed. */
export function isLocked(error: unknown): boolean {
  const code = toResultCode(error)
  return code === SQLITE_BUSY || code === SQLITE_LOCKED
}

/** SQLite's primary result code, which is the low byte of the extended one; 0 for an error that is not SQLite's. */
export function toResultCode(error: unknown): number {
  return error instanceof Error && 'errcode' in error ? Number(error.errcode) & 0xff : 0
}
