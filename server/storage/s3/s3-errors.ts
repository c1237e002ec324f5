import 'server-only'
import { AppError, type ErrorCode } from '@/lib/errors'

/**
 * What a store's refusals mean for a table. Only its code is said on: the message of a refused signature holds what
 * was signed.
 */

/** The store answered, and not with what it was asked for. */
export class S3Refusal extends Error {
  override readonly name = 'S3Refusal'
  readonly status: number
  /** As the store has it, such as `NoSuchKey`; null where it gave none, as to HEAD. */
  readonly code: string | null
  /** Whether an earlier try of the same request may have been carried out without our hearing of it. */
  isAfterUnknown = false
  /** Where the bucket is, when the store says so to who asked elsewhere. */
  bucketRegion: string | null = null

  constructor(status: number, code: string | null, requestId: string | null = null) {
    super(`S3 answered ${status} ${code ?? ''} (request ${requestId ?? 'without id'})`)
    this.status = status
    this.code = code
  }
}

/** No answer, or not to its end after all tries, or none that S3 would give. */
export class S3Unreachable extends Error {
  override readonly name = 'S3Unreachable'
}

type Meaning = { code: ErrorCode; detail: string }

const CREDENTIALS: Meaning = { code: 'forbidden', detail: 'The storage does not accept the credentials.' }
const DENIED: Meaning = { code: 'forbidden', detail: 'The storage does not let these credentials do this.' }
const MISSING: Meaning = { code: 'file-missing', detail: 'There is no file at this location.' }
const TAKEN: Meaning = { code: 'already-exists', detail: 'There is a file at this location already.' }
const FULL: Meaning = { code: 'storage-full', detail: 'The storage is full. Nothing was kept of this file.' }
const ELSEWHERE: Meaning = {
  code: 'storage-unavailable',
  detail: 'The bucket is in another region, or at another address, than the settings say.',
}

const BY_CODE: Readonly<Record<string, Meaning>> = {
  NoSuchKey: MISSING,
  AccessDenied: DENIED,
  AllAccessDisabled: DENIED,
  AccountProblem: DENIED,
  InvalidAccessKeyId: CREDENTIALS,
  XAdminUserNotFound: CREDENTIALS, // versitygw's, with status 404
  SignatureDoesNotMatch: CREDENTIALS,
  ExpiredToken: CREDENTIALS,
  InvalidToken: CREDENTIALS,
  TokenRefreshRequired: CREDENTIALS,
  RequestTimeTooSkewed: {
    code: 'storage-unavailable',
    detail: 'The storage refuses requests because the clock of this machine is wrong.',
  },
  NoSuchUpload: { code: 'storage-unavailable', detail: 'The storage gave the upload up before it was done.' },
  PreconditionFailed: TAKEN,
  ConditionalRequestConflict: TAKEN,
  QuotaExceeded: FULL,
  XMinioStorageFull: FULL,
  InvalidObjectState: { code: 'file-damaged', detail: 'The file is archived and must be restored first.' },
  KeyTooLongError: { code: 'invalid-request', detail: 'This location is longer than the storage allows.' },
  PermanentRedirect: ELSEWHERE,
  TemporaryRedirect: ELSEWHERE,
  AuthorizationHeaderMalformed: ELSEWHERE,
  IllegalLocationConstraintException: ELSEWHERE,
}

const BY_STATUS: Readonly<Record<number, Meaning>> = {
  301: ELSEWHERE,
  307: ELSEWHERE,
  401: CREDENTIALS,
  403: DENIED,
  404: MISSING,
  409: TAKEN,
  412: TAKEN,
  416: { code: 'file-damaged', detail: 'The file ends before the bytes that were asked for.' },
  507: FULL,
}

export type Asked = { location: string; bucket: string; host: string }

/** Runs work on an object and puts the store's refusals in our words. */
export async function translated<Result>(asked: Asked, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work()
  } catch (error) {
    throw inOurWords(error, asked)
  }
}

/** The error as it is where it is no refusal of a store. */
export function inOurWords(error: unknown, { location, bucket, host }: Asked): unknown {
  if (error instanceof S3Unreachable) {
    const detail = `The storage at ${host} did not answer, or not as S3 does.`
    return new AppError('storage-unavailable', detail, { cause: error, facts: { location } })
  }
  if (!(error instanceof S3Refusal)) return error
  if (error.code === 'NoSuchBucket') {
    return new AppError('file-missing', `There is no bucket named ${bucket}.`, { cause: error, facts: { location } })
  }
  const meaning = (error.code !== null && BY_CODE[error.code]) || byStatus(error)
  const { code, detail } = meaning ?? {
    code: 'storage-unavailable' as const,
    detail: `The storage at ${host} answered ${error.status}${error.code === null ? '' : ` ${error.code}`}.`,
  }
  const { bucketRegion } = error
  const hint = meaning === ELSEWHERE && bucketRegion !== null ? ` It is in ${bucketRegion}.` : ''
  return new AppError(code, detail + hint, { cause: error, facts: { location } })
}

/** That a file is missing is believed where nothing else is named: stores also answer 404 for keys, users and routes. */
function byStatus({ status, code }: S3Refusal): Meaning | undefined {
  return status === 404 && code !== null ? undefined : BY_STATUS[status]
}
