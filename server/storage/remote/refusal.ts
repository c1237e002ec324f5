import 'server-only'
import { AppError, type ErrorCode } from '@/lib/errors'
import { propertyValue } from '@/lib/iceberg/properties/property-value'

/**
 * Maps the errors of stores to problems, in the same words for every kind of store. Only the error code is shown: the
 * message of a refused signature contains what was signed.
 */

/** The store answered with an error. */
export class Refusal extends Error {
  override readonly name = 'Refusal'
  readonly status: number
  /** The store's own code, such as `NoSuchKey`; null when it sent none, as for HEAD. */
  readonly code: string | null
  /** Whether an earlier attempt of the same request may have been carried out although its answer was lost. */
  mightHaveSucceededEarlier = false
  /** The bucket's region, when the store reports it to a request that went to another region. */
  bucketRegion: string | null = null

  constructor(status: number, code: string | null, requestId: string | null = null) {
    super(`The store answered ${status} ${code ?? ''} (request ${requestId ?? 'without id'})`)
    this.status = status
    this.code = code
  }
}

/** No complete response after all attempts, or a response that such a store would never send. */
export class Unreachable extends Error {
  override readonly name = 'Unreachable'
}

export function isRefusal(error: unknown, statuses: readonly number[]): error is Refusal {
  return error instanceof Refusal && statuses.includes(error.status)
}

export type Meaning = { code: ErrorCode; detail: string }

export const MEANINGS = {
  credentials: { code: 'forbidden', detail: 'The storage does not accept the credentials.' },
  denied: { code: 'forbidden', detail: 'The storage does not let these credentials do this.' },
  missing: { code: 'file-missing', detail: 'There is no file at this location.' },
  taken: { code: 'already-exists', detail: 'There is a file at this location already.' },
  full: { code: 'storage-full', detail: 'The storage is full, so this file was not written.' },
  archived: { code: 'file-damaged', detail: 'The file is archived and must be restored first.' },
  truncated: { code: 'file-damaged', detail: 'The file ends before the requested bytes.' },
  tooLong: { code: 'invalid-request', detail: 'This location is longer than the storage allows.' },
  clockSkewed: {
    code: 'storage-unavailable',
    detail: 'The storage refuses requests because the clock of this machine is wrong.',
  },
  uploadAborted: { code: 'storage-unavailable', detail: 'The storage aborted the upload before it was complete.' },
} as const satisfies Readonly<Record<string, Meaning>>

/** Looks up a code that a store chose, without finding properties that objects inherit. */
export function findByCode<Found>(table: Readonly<Record<string, Found>>, code: string | null): Found | undefined {
  return code === null ? undefined : (propertyValue(table, code) ?? undefined)
}

/** How to interpret the errors of one kind of store. */
export type Dialect = {
  /** The name in messages: `S3`. */
  name: string
  /** The word for a container of objects in messages: `bucket`. */
  bucketNoun: string
  /** The store's code for a missing bucket. */
  missingBucketCode: string
  meaningOf(refusal: Refusal): Meaning | undefined
}

export type ErrorContext = { location: string; bucket: string; host: string }

/** Runs work on an object and translates the store's errors. */
export async function withTranslatedErrors<Result>(
  dialect: Dialect,
  context: ErrorContext,
  work: () => Promise<Result>,
): Promise<Result> {
  try {
    return await work()
  } catch (error) {
    throw translateError(error, dialect, context)
  }
}

/** Returns errors that do not come from a store unchanged. */
export function translateError(error: unknown, dialect: Dialect, { location, bucket, host }: ErrorContext): unknown {
  if (error instanceof Unreachable) {
    const detail = `The storage at ${host} did not answer, or did not answer like ${dialect.name}.`
    return new AppError('storage-unavailable', detail, { cause: error, facts: { location } })
  }
  if (!(error instanceof Refusal)) return error
  if (error.code === dialect.missingBucketCode) {
    const detail = `There is no ${dialect.bucketNoun} named ${bucket}.`
    return new AppError('file-missing', detail, { cause: error, facts: { location } })
  }
  const { code, detail } = dialect.meaningOf(error) ?? {
    code: 'storage-unavailable' as const,
    detail: `The storage at ${host} answered ${error.status}${error.code === null ? '' : ` ${error.code}`}.`,
  }
  return new AppError(code, detail, { cause: error, facts: { location } })
}
