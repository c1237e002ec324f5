import 'server-only'
import { type Dialect, findByCode, type Refusal } from '../remote/refusal'
import { type StorageFailure, STORAGE_FAILURES } from '../storage-errors'

const { archived, clockSkewed, credentials, denied, full, uploadAborted, missing, truncated, taken, tooLong } =
  STORAGE_FAILURES
const WRONG_REGION: StorageFailure = {
  code: 'storage-unavailable',
  detail: 'The bucket is in another region, or at another endpoint, than the settings say.',
}

const BY_CODE: Readonly<Record<string, StorageFailure>> = {
  NoSuchKey: missing,
  AccessDenied: denied,
  AllAccessDisabled: denied,
  AccountProblem: denied,
  InvalidAccessKeyId: credentials,
  XAdminUserNotFound: credentials, // from versitygw, with status 404
  SignatureDoesNotMatch: credentials,
  ExpiredToken: credentials,
  InvalidToken: credentials,
  TokenRefreshRequired: credentials,
  RequestTimeTooSkewed: clockSkewed,
  NoSuchUpload: uploadAborted,
  PreconditionFailed: taken,
  ConditionalRequestConflict: taken,
  QuotaExceeded: full,
  XMinioStorageFull: full,
  InvalidObjectState: archived,
  KeyTooLongError: tooLong,
  PermanentRedirect: WRONG_REGION,
  TemporaryRedirect: WRONG_REGION,
  AuthorizationHeaderMalformed: WRONG_REGION,
  IllegalLocationConstraintException: WRONG_REGION,
}

const BY_STATUS: Readonly<Record<number, StorageFailure>> = {
  301: WRONG_REGION,
  307: WRONG_REGION,
  401: credentials,
  403: denied,
  404: missing,
  409: taken,
  412: taken,
  416: truncated,
  507: full,
}

/** Maps S3's error codes to problems. */
export const S3: Dialect = {
  name: 'S3',
  bucketNoun: 'bucket',
  missingBucketCode: 'NoSuchBucket',
  toFailure(refusal) {
    const failure = findByCode(BY_CODE, refusal.code) ?? findByStatus(refusal)
    if (failure !== WRONG_REGION || refusal.bucketRegion === null) return failure
    return { ...failure, detail: `${failure.detail} It is in ${refusal.bucketRegion}.` }
  },
}

/** Status 404 means a missing file only without a code: stores also answer 404 for keys, users and routes. */
function findByStatus({ status, code }: Refusal): StorageFailure | undefined {
  return status === 404 && code !== null ? undefined : BY_STATUS[status]
}
