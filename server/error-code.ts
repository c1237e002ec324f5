import 'server-only'

/** The code that Node gives errors of files, sockets and names, such as `ENOENT`; null for an error without one. */
export function errorCode(error: unknown): string | null {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : null
}

/** Whether the error has one of these codes of Node. */
export function hasErrorCode(error: unknown, ...codes: readonly string[]): boolean {
  const code = errorCode(error)
  return code !== null && codes.includes(code)
}
