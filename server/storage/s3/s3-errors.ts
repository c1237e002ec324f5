import 'server-only'
import { type Dialect, findByCode, type Meaning, MEANINGS, type Refusal } from '../remote/refusal'

const { archived, clockSkewed, credentials, denied, full, uploadAborted, missing, truncated, taken, tooLong } = MEANINGS
const WRONG_REGION: Meaning = {
  code: 'storage-unavailable',
  detail: 'The bucket is in another region, or at another address, than the settings say.',
}

const BY_CODE: Readonly<Record<string, Meaning>> = {
  NoSuchKey: missing,
  AccessDenied: denied,
  AllAccessDisabled: denied,
  AccountProblem: denied,
  InvalidAccessKeyId: credentials,
  XAdminUserNotFound: credentials, // versitygw's, with status 404
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

/** What S3's refusals mean. */
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

/** That a file is missing is believed where nothing else is named: stores also answer 404 for keys, users and routes. */
function findByStatus({ status, code }: Refusal): Meaning | undefined {
  return status === 404 && code !== null ? undefined : BY_STATUS[status]
}
