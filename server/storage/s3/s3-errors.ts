import 'server-only'
import { type Dialect, foundFor, type Meaning, MEANINGS, type Refusal } from '../remote/refusal'

const { archived, clock, credentials, denied, full, givenUp, missing, shorter, taken, tooLong } = MEANINGS
const ELSEWHERE: Meaning = {
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
  RequestTimeTooSkewed: clock,
  NoSuchUpload: givenUp,
  PreconditionFailed: taken,
  ConditionalRequestConflict: taken,
  QuotaExceeded: full,
  XMinioStorageFull: full,
  InvalidObjectState: archived,
  KeyTooLongError: tooLong,
  PermanentRedirect: ELSEWHERE,
  TemporaryRedirect: ELSEWHERE,
  AuthorizationHeaderMalformed: ELSEWHERE,
  IllegalLocationConstraintException: ELSEWHERE,
}

const BY_STATUS: Readonly<Record<number, Meaning>> = {
  301: ELSEWHERE,
  307: ELSEWHERE,
  401: credentials,
  403: denied,
  404: missing,
  409: taken,
  412: taken,
  416: shorter,
  507: full,
}

/** What S3's refusals mean. */
export const S3: Dialect = {
  name: 'S3',
  holderNoun: 'bucket',
  noHolderCode: 'NoSuchBucket',
  meaningOf(refusal) {
    const meaning = foundFor(BY_CODE, refusal.code) ?? byStatus(refusal)
    if (meaning !== ELSEWHERE || refusal.holderRegion === null) return meaning
    return { ...meaning, detail: `${meaning.detail} It is in ${refusal.holderRegion}.` }
  },
}

/** That a file is missing is believed where nothing else is named: stores also answer 404 for keys, users and routes. */
function byStatus({ status, code }: Refusal): Meaning | undefined {
  return status === 404 && code !== null ? undefined : BY_STATUS[status]
}
