import 'server-only'
import { type Dialect, findByCode, isRefusal, Refusal } from '../remote/refusal'
import { type StorageFailure, STORAGE_FAILURES } from '../storage-errors'

const { credentials, denied, uploadAborted, missing, truncated, taken } = STORAGE_FAILURES
const RETAINED: StorageFailure = {
  code: 'forbidden',
  detail: 'A retention policy or a hold protects this file, so it cannot be removed yet.',
}

/** Spec: Cloud Storage, *HTTP status and error codes* for JSON and for XML. */
const BY_CODE: Readonly<Record<string, StorageFailure>> = {
  NoSuchKey: missing,
  AccessDenied: denied,
  AccountProblem: denied,
  ExpiredToken: credentials,
  InvalidSecurity: credentials,
  authError: credentials,
  conditionNotMet: taken,
  objectUnderActiveHold: RETAINED,
  retentionPolicyNotMet: RETAINED,
  UserProjectMissing: {
    code: 'forbidden',
    detail: 'Readers of this bucket pay for requests (requester pays), which is not supported.',
  },
}

const BY_STATUS: Readonly<Record<number, StorageFailure>> = {
  401: credentials,
  403: denied,
  404: missing,
  410: uploadAborted,
  412: taken,
  416: truncated,
}

/** Maps Google's error codes to problems. */
export const GCS: Dialect = {
  name: 'Google Cloud Storage',
  bucketNoun: 'bucket',
  missingBucketCode: 'NoSuchBucket',
  toFailure: ({ status, code }: Refusal) => findByCode(BY_CODE, code) ?? BY_STATUS[status],
}

/** The code with which the JSON API reports anything missing. */
export const NOT_FOUND = 'notFound'

/** For requests about a bucket and not about an object in it: "not found" then means that the bucket is missing. */
export async function withBucketErrors<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work()
  } catch (error) {
    if (isRefusal(error, [404]) && error.code === NOT_FOUND) throw new Refusal(404, GCS.missingBucketCode)
    throw error
  }
}
