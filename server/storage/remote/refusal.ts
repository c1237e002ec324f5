import 'server-only'
import { propertyValue } from '@/lib/iceberg/properties/property-value'
import { type StorageFailure, toStorageError } from '../storage-errors'

/**
 * Maps the errors of remote stores to problems. Only the error code is shown: the message of a refused signature
 * contains the signed text.
 */

/** The store answered with an error. */
export class Refusal extends Error {
  override readonly name = 'Refusal'
  readonly status: number
  /** The store's own code, such as `NoSuchKey`; null if it sent none, as for HEAD. */
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

/** Looks up a code that a store chose, without finding properties that objects inherit. */
export function findByCode<Value>(table: Readonly<Record<string, Value>>, code: string | null): Value | undefined {
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
  toFailure(refusal: Refusal): StorageFailure | undefined
}

type ErrorContext = { location: string; bucket: string; host: string }

/** Returns errors that do not come from a store unchanged. */
export function translateError(error: unknown, dialect: Dialect, { location, bucket, host }: ErrorContext): unknown {
  const failure = toFailure(error, dialect, { bucket, host })
  return failure === null ? error : toStorageError(failure, location, error)
}

function toFailure(
  error: unknown,
  dialect: Dialect,
  { bucket, host }: Pick<ErrorContext, 'bucket' | 'host'>,
): StorageFailure | null {
  if (error instanceof Unreachable) {
    const detail = `The storage at ${host} did not answer, or did not answer like ${dialect.name}.`
    return { code: 'storage-unavailable', detail }
  }
  if (!(error instanceof Refusal)) return null
  if (error.code === dialect.missingBucketCode) {
    return { code: 'file-missing', detail: `There is no ${dialect.bucketNoun} named ${bucket}.` }
  }
  const status = `${error.status}${error.code === null ? '' : ` ${error.code}`}`
  return (
    dialect.toFailure(error) ?? { code: 'storage-unavailable', detail: `The storage at ${host} answered ${status}.` }
  )
}
