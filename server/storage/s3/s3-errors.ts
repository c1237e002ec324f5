import 'server-only'
import { type Dialect, findByCode, type Refusal } from '../remote/refusal'
import { type Meaning, MEANINGS } from '../storage-errors'

const { archived, clockSkewed, credentials, denied, full, uploadAborted, missing, truncated, taken, tooLong } = MEANINGS
const WRONG_REGION: Meaning = {
  code: 'storage-unavailable',
  detail: 'The bucket is in another region, or at another endpoint, than the settings say.',
}

const BY_CODE: Readonly<Record<string, Meaning>> = {
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

const BY_STATUS: Readonly<Record<number, Meaning>> = {
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
  meaningOf(refusal) {
    const meaning = findByCode(BY_CODE, refusal.code) ?? findByStatus(refusal)
    if (meaning !== WRONG_REGION || refusal.bucketRegion === null) return meaning
    return { ...meaning, detail: `${meaning.detail} It is in ${refusal.bucketRegion}.` }
  },
}

/** Status 404 means a missing file only without a code: stores also answer 404 for keys, users and routes. */
function findByStatus({ status, code }: Refusal): Meaning | undefined {
  return status === 404 && code !== null ? undefined : BY_STATUS[status]
}
