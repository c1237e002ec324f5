import 'server-only'
import { AppError, type ErrorCode } from '@/lib/errors'
import { propertyValue } from '@/lib/iceberg/properties/property-value'

/**
 * What a store's refusals mean for a table, in the same words whichever store it is. Only its code is said on: the
 * message of a refused signature holds what was signed.
 */

/** The store answered, and not with what it was asked for. */
export class Refusal extends Error {
  override readonly name = 'Refusal'
  readonly status: number
  /** As the store has it, such as `NoSuchKey`; null where it gave none, as to HEAD. */
  readonly code: string | null
  /** Whether an earlier try of the same request may have been carried out without our hearing of it. */
  mightHaveSucceededEarlier = false
  /** Where the bucket is, when the store says so to who asked elsewhere. */
  bucketRegion: string | null = null

  constructor(status: number, code: string | null, requestId: string | null = null) {
    super(`The store answered ${status} ${code ?? ''} (request ${requestId ?? 'without id'})`)
    this.status = status
    this.code = code
  }
}

/** No answer, or not to its end after all tries, or none that such a store would give. */
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
  full: { code: 'storage-full', detail: 'The storage is full. Nothing was kept of this file.' },
  archived: { code: 'file-damaged', detail: 'The file is archived and must be restored first.' },
  truncated: { code: 'file-damaged', detail: 'The file ends before the bytes that were asked for.' },
  tooLong: { code: 'invalid-request', detail: 'This location is longer than the storage allows.' },
  clockSkewed: {
    code: 'storage-unavailable',
    detail: 'The storage refuses requests because the clock of this machine is wrong.',
  },
  uploadAborted: { code: 'storage-unavailable', detail: 'The storage gave the upload up before it was done.' },
} as const satisfies Readonly<Record<string, Meaning>>

/** What a table has for a code that a store chose, and nothing that tables inherit. */
export function findByCode<Found>(table: Readonly<Record<string, Found>>, code: string | null): Found | undefined {
  return code === null ? undefined : (propertyValue(table, code) ?? undefined)
}

/** How the refusals of one kind of store are read. */
export type Dialect = {
  /** As people call it: `S3`. */
  name: string
  /** What objects are in, as people call it: `bucket`. */
  bucketNoun: string
  /** The code of a refusal because there is no such bucket. */
  missingBucketCode: string
  meaningOf(refusal: Refusal): Meaning | undefined
}

export type ErrorContext = { location: string; bucket: string; host: string }

/** Runs work on an object and puts the store's refusals in our words. */
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

/** The error as it is where it is no refusal of a store. */
export function translateError(error: unknown, dialect: Dialect, { location, bucket, host }: ErrorContext): unknown {
  if (error instanceof Unreachable) {
    const detail = `The storage at ${host} did not answer, or not as ${dialect.name} does.`
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
