/** Every failure a caller may act on. The HTTP status and title follow from the code alone. */
export const ERROR_CODES = {
  'invalid-request': { status: 400, title: 'The request is not valid' },
  unauthenticated: { status: 401, title: 'Sign in to continue' },
  'wrong-credentials': { status: 401, title: 'Username and password do not match' },
  forbidden: { status: 403, title: 'You do not have this permission' },
  'password-change-required': { status: 403, title: 'Change your password first' },
  'location-refused': { status: 403, title: 'This location is not allowed' },
  'read-restricted': { status: 403, title: 'The catalog restricts reads of this table' },
  'credentials-required': { status: 403, title: 'This catalog requires your own credentials' },
  'not-found': { status: 404, title: 'Not found' },
  'method-not-allowed': { status: 405, title: 'This address does not allow the method' },
  'not-acceptable': { status: 406, title: 'The response has no format that the client accepts' },
  'already-exists': { status: 409, title: 'The name is taken' },
  'commit-conflict': { status: 409, title: 'This does not fit the table as it is now' },
  'version-conflict': { status: 409, title: 'Another user changed this first' },
  'namespace-not-empty': { status: 409, title: 'The namespace is not empty' },
  'token-expired': { status: 410, title: 'This link to a file has expired' },
  'too-large': { status: 413, title: 'This is larger than allowed here' },
  'range-not-satisfiable': { status: 416, title: 'The requested range is outside the file' },
  'unprocessable-request': { status: 422, title: 'The request contradicts itself' },
  'not-supported': { status: 422, title: 'Not supported' },
  'format-unsupported': { status: 422, title: 'Lakeshore does not support this format version yet' },
  'file-missing': { status: 422, title: 'A file of the table is missing' },
  'file-damaged': { status: 422, title: 'Damaged or unreadable file' },
  'secrets-unreadable': { status: 422, title: 'The secrets of this connection cannot be decrypted' },
  'query-failed': { status: 422, title: 'The query could not be run' },
  'rows-rejected': { status: 422, title: 'Rows of the input do not fit the table' },
  'too-many-requests': { status: 429, title: 'Too many requests' },
  'table-busy': { status: 429, title: 'Too many writers at once' },
  'database-busy': { status: 429, title: 'Lakeshore’s database is busy' },
  cancelled: { status: 499, title: 'Cancelled' },
  internal: { status: 500, title: 'Something went wrong' },
  'catalog-refused': { status: 502, title: 'The catalog did not accept the connection’s credentials' },
  'commit-state-unknown': { status: 502, title: 'The catalog did not say whether the commit happened' },
  'catalog-unavailable': { status: 503, title: 'The catalog did not answer' },
  'identity-provider-unavailable': { status: 503, title: 'The identity provider did not answer' },
  'database-damaged': { status: 503, title: 'Lakeshore’s database is damaged' },
  'database-replaced': { status: 503, title: 'Lakeshore’s database was replaced' },
  'database-unavailable': { status: 503, title: 'Lakeshore’s database cannot be used' },
  'storage-unavailable': { status: 503, title: 'The storage did not answer' },
  'server-unreachable': { status: 503, title: 'Lakeshore does not answer' },
  'storage-full': { status: 507, title: 'The storage is full' },
} as const satisfies Record<string, { status: number; title: string }>

export type ErrorCode = keyof typeof ERROR_CODES

/** After these a write may have been carried out, or still be; after any other code it certainly was not. */
const CODES_WITH_OPEN_OUTCOME: ReadonlySet<ErrorCode> = new Set([
  'internal',
  'commit-state-unknown',
  'catalog-unavailable',
  'storage-unavailable',
  'server-unreachable',
])

/** Whether a write that failed like this certainly did not happen. Anything but an `AppError` is a failure of the page. */
export function isOutcomeKnown(error: unknown): boolean {
  return error instanceof AppError && !CODES_WITH_OPEN_OUTCOME.has(error.code)
}

/** Codes for Lakeshore's own database when nothing was read or changed and a later attempt may succeed. */
export const TRANSIENT_DATABASE_CODES = [
  'database-busy',
  'database-unavailable',
] as const satisfies readonly ErrorCode[]

/** An expected failure. Any other thrown value is a bug and is reported as `internal`. */
export class AppError extends Error {
  override readonly name = 'AppError'
  readonly code: ErrorCode
  /** Facts for the screen, by name, such as the current and the requested value; never secrets. */
  readonly facts: Readonly<Record<string, string | number | null>>
  /** The id of the failed request, if there was one; the server logs the failure under it. */
  readonly requestId: string | null

  constructor(
    code: ErrorCode,
    detail: string,
    options: { cause?: unknown; facts?: Record<string, string | number | null>; requestId?: string } = {},
  ) {
    super(detail, options.cause === undefined ? {} : { cause: options.cause })
    this.code = code
    this.facts = options.facts ?? {}
    this.requestId = options.requestId ?? null
  }
}

/** Whether Lakeshore's own database failed, temporarily or until an operator repairs it. */
export function isDatabaseError(error: unknown): error is AppError {
  return error instanceof AppError && error.code.startsWith('database-')
}

/** Whether Lakeshore's own database was temporarily unavailable for reads or writes. */
export function isTransientDatabaseError(error: unknown): boolean {
  return error instanceof AppError && TRANSIENT_DATABASE_CODES.some((code) => code === error.code)
}
