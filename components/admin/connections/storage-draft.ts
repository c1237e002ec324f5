import type { ConnectionStorage } from '@/lib/contract/connections'
import {
  type AwsDraft,
  toAwsDraft,
  toAwsCredentials,
  splitLines,
  trimToNull,
  type SecretDraft,
  secretDraft,
} from './draft-parts'

type GcsSource = Extract<ConnectionStorage, { kind: 'gcs' }>['credentials']['kind']
type AzureSource = Extract<ConnectionStorage, { kind: 'azure' }>['credentials']['kind']

/** The storage of a connection in the form. */
export type StorageDraft = {
  storageKind: 'none' | ConnectionStorage['kind']
  /** One per line. */
  roots: string
  s3: { endpoint: string; region: string; isPathStyle: boolean } & Omit<AwsDraft, 'source'> & {
      source: 'chain' | 'keys' | 'anonymous'
    }
  azure: { endpoint: string; source: AzureSource; tenantId: string; clientId: string; authority: string }
  gcs: { endpoint: string; source: GcsSource }
}

export const EMPTY_STORAGE: StorageDraft = {
  storageKind: 'none',
  roots: '',
  s3: { endpoint: '', region: 'us-east-1', isPathStyle: true, source: 'keys', profile: '', accessKeyId: '' },
  azure: { endpoint: '', source: 'account-key', tenantId: '', clientId: '', authority: '' },
  gcs: { endpoint: '', source: 'service-account' },
}

const AZURE_SECRETS: Readonly<Record<AzureSource, readonly SecretDraft[]>> = {
  'account-key': [secretDraft('storageAccountKey')],
  sas: [secretDraft('storageSas')],
  'client-secret': [secretDraft('storageClientSecret')],
  anonymous: [],
}

export function storageSecretFields({ storageKind, s3, azure, gcs }: StorageDraft): readonly SecretDraft[] {
  switch (storageKind) {
    case 'none':
    case 'local':
      return []
    case 's3':
      if (s3.source !== 'keys') return []
      return [secretDraft('storageSecretAccessKey'), secretDraft('storageSessionToken', true)]
    case 'azure':
      return AZURE_SECRETS[azure.source]
    case 'gcs':
      return gcs.source === 'service-account' ? [secretDraft('storageServiceAccountKey')] : []
  }
}

export function toStorage({ storageKind, roots, s3, azure, gcs }: StorageDraft): ConnectionStorage | null {
  switch (storageKind) {
    case 'none':
      return null
    case 'local':
      return { kind: 'local', roots: splitLines(roots) }
    case 's3': {
      const { endpoint, region, isPathStyle, source, profile, accessKeyId } = s3
      const credentials = source === 'anonymous' ? { kind: source } : toAwsCredentials({ source, profile, accessKeyId })
      return { kind: 's3', roots: splitLines(roots), endpoint: trimToNull(endpoint), region, isPathStyle, credentials }
    }
    case 'azure': {
      const { endpoint, source, tenantId, clientId, authority } = azure
      const credentials =
        source === 'client-secret'
          ? { kind: source, tenantId: tenantId.trim(), clientId: clientId.trim(), authority: trimToNull(authority) }
          : { kind: source }
      return { kind: 'azure', roots: splitLines(roots), endpoint: trimToNull(endpoint), credentials }
    }
    case 'gcs':
      return {
        kind: 'gcs',
        roots: splitLines(roots),
        endpoint: trimToNull(gcs.endpoint),
        credentials: { kind: gcs.source },
      }
  }
}

/** The storage part of a stored connection's draft. */
export function toStorageDraft(storage: ConnectionStorage | null): Partial<StorageDraft> {
  if (storage === null) return { storageKind: 'none' }
  const shared = { storageKind: storage.kind, roots: storage.roots.join('\n') }
  switch (storage.kind) {
    case 'local':
      return shared
    case 's3': {
      const { endpoint, region, isPathStyle, credentials } = storage
      const credentialFields =
        credentials.kind === 'anonymous'
          ? { source: credentials.kind, profile: '', accessKeyId: '' }
          : toAwsDraft(credentials)
      return { ...shared, s3: { endpoint: endpoint ?? '', region, isPathStyle, ...credentialFields } }
    }
    case 'azure': {
      const { endpoint, credentials } = storage
      const credentialFields =
        credentials.kind === 'client-secret'
          ? { tenantId: credentials.tenantId, clientId: credentials.clientId, authority: credentials.authority ?? '' }
          : {}
      const azure = { ...EMPTY_STORAGE.azure, endpoint: endpoint ?? '', source: credentials.kind, ...credentialFields }
      return { ...shared, azure }
    }
    case 'gcs':
      return { ...shared, gcs: { endpoint: storage.endpoint ?? '', source: storage.credentials.kind } }
  }
}
