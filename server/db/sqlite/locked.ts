import 'server-only'

const SQLITE_BUSY = 5
const SQLITE_LOCKED = 6

/** Whether SQLite refused because another connection holds the file: trying again later may work. */
export function isLocked(error: unknown): boolean {
  // The extended result code holds the primary one in its low byte.
  const code = error instanceof Error && 'errcode' in error ? Number(error.errcode) & 0xff : 0
  return code === SQLITE_BUSY || code === SQLITE_LOCKED
}
