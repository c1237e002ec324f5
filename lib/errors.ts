/** Every failure a caller may act on. The HTTP status and title follow from the code alone. */
export const ERROR_CODES = {
  'invalid-request': { status: 400, title: 'The request is not valid' },
  unauthenticated: { status: 401, title: 'Sign in to continue' },
  'wrong-credentials': { status: 401, title: 'Username and password do not match' },
  forbidden: { status: 403, title: 'You do not have this permission' },
  'location-refused': { status: 403, title: 'This place is outside what may be read' },
  'credentials-required': { status: 403, title: 'This catalog wants your own login' },
  'not-found': { status: 404, title: 'Not found' },
  'method-not-allowed': { status: 405, title: 'This address does not take that method' },
  'already-exists': { status: 409, title: 'The name is taken' },
  'commit-conflict': { status: 409, title: 'The table changed while this was being committed' },
  'version-conflict': { status: 409, title: 'Somebody else changed this first' },
  'namespace-not-empty': { status: 409, title: 'The namespace is not empty' },
  'token-expired': { status: 410, title: 'This link to a file has expired' },
  'too-large': { status: 413, title: 'This is larger than allowed here' },
  'range-not-satisfiable': { status: 416, title: 'The file has no such bytes' },
  'unprocessable-request': { status: 422, title: 'The request contradicts itself' },
  'not-supported': { status: 422, title: 'This cannot be done here' },
  'file-missing': { status: 422, title: 'A file of the table is missing' },
  'file-damaged': { status: 422, title: 'A file cannot be read' },
  'secrets-unreadable': { status: 422, title: 'The secrets of this connection cannot be opened' },
  'query-failed': { status: 422, title: 'The query could not be run' },
  'rows-rejected': { status: 422, title: 'Rows of the input do not fit the table' },
  'too-many-requests': { status: 429, title: 'Too many tries' },
  'table-busy': { status: 429, title: 'Too many writers at once' },
  'database-busy': { status: 429, title: 'Lakeshore’s database is busy' },
  cancelled: { status: 499, title: 'Cancelled' },
  internal: { status: 500, title: 'Something went wrong here' },
  'catalog-refused': { status: 502, title: 'The catalog did not accept the connection’s credentials' },
  'commit-state-unknown': { status: 502, title: 'The catalog did not say whether the commit happened' },
  'catalog-unavailable': { status: 503, title: 'The catalog did not answer' },
  'database-damaged': { status: 503, title: 'Lakeshore’s database is damaged' },
  'database-replaced': { status: 503, title: 'Lakeshore’s database was replaced' },
  'database-unavailable': { status: 503, title: 'Lakeshore’s database did not answer' },
  'storage-unavailable': { status: 503, title: 'The storage did not answer' },
  'server-unreachable': { status: 503, title: 'Lakeshore does not answer' },
  'storage-full': { status: 507, title: 'The storage is full' },
} as const satisfies Record<string, { status: number; title: string }>

export type ErrorCode = keyof typeof ERROR_CODES

/** What codes were called before 0.2.0. Problem details have it as `formerCode` for one more release. */
export const FORMER_CODES: Readonly<Partial<Record<ErrorCode, string>>> = {
  'version-conflict': 'changed-meanwhile',
  'credentials-required': 'own-login-wanted',
}

/** Codes of Lakeshore's own database where nothing was read or changed, and a later try may do better. */
export const TRANSIENT_DATABASE_CODES = [
  'database-busy',
  'database-unavailable',
] as const satisfies readonly ErrorCode[]

/** An expected failure. Anything else that is thrown is a bug and is reported as `internal`. */
export class AppError extends Error {
  override readonly name = 'AppError'
  readonly code: ErrorCode
  /** Facts for the screen, by name: what is there now, what was asked; never secrets. */
  readonly facts: Readonly<Record<string, string | number | null>>
  /** Of the request that failed, where one did; the server's log has it. */
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

/** Whether it is Lakeshore's own database that failed, for the moment or until somebody mends it. */
export function isDatabaseError(error: unknown): error is AppError {
  return error instanceof AppError && error.code.startsWith('database-')
}

/** Whether Lakeshore's own database could not be read or changed for the moment. */
export function isTransientDatabaseError(error: unknown): boolean {
  return error instanceof AppError && TRANSIENT_DATABASE_CODES.some((code) => code === error.code)
}
