import 'server-only'
import { type Dialect, findByCode, type Refusal } from '../remote/refusal'
import { type StorageFailure, STORAGE_FAILURES } from '../storage-errors'

const { archived, credentials, denied, missing, truncated, taken } = STORAGE_FAILURES

/** Spec: Azure Storage REST, *Common REST API error codes* and *Blob Storage error codes*. */
const BY_CODE: Readonly<Record<string, StorageFailure>> = {
  BlobNotFound: missing,
  ResourceNotFound: missing,
  BlobAlreadyExists: taken,
  ConditionNotMet: taken,
  InvalidBlobType: taken,
  UnauthorizedBlobOverwrite: taken,
  AuthenticationFailed: credentials,
  InvalidAuthenticationInfo: credentials,
  NoAuthenticationInformation: credentials,
  AccountIsDisabled: denied,
  AuthorizationFailure: denied,
  AuthorizationPermissionMismatch: denied,
  AuthorizationProtocolMismatch: denied,
  AuthorizationResourceTypeMismatch: denied,
  AuthorizationServiceMismatch: denied,
  AuthorizationSourceIPMismatch: denied,
  BlobImmutableDueToPolicy: denied,
  InsufficientAccountPermissions: denied,
  KeyBasedAuthenticationNotPermitted: {
    code: 'forbidden',
    detail: 'The storage account does not allow account keys: use a client secret.',
  },
  PublicAccessNotPermitted: { code: 'forbidden', detail: 'The storage account does not allow anonymous access.' },
  BlobArchived: archived,
  BlobBeingRehydrated: archived,
  InvalidRange: truncated,
  LeaseIdMissing: {
    code: 'forbidden',
    detail: 'Another client holds a lease on this file: wait until the lease ends.',
  },
  SnapshotsPresent: { code: 'forbidden', detail: 'This file has snapshots in its storage: remove them first.' },
}

const BY_STATUS: Readonly<Record<number, StorageFailure>> = {
  401: credentials,
  403: denied,
  404: missing,
  412: taken,
  416: truncated,
}

/** Maps Azure's error codes to problems. */
export const AZURE: Dialect = {
  name: 'Azure',
  bucketNoun: 'container',
  missingBucketCode: 'ContainerNotFound',
  toFailure: ({ status, code }: Refusal) => (code === null ? BY_STATUS[status] : findByCode(BY_CODE, code)),
}
