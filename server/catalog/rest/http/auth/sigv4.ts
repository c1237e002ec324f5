import 'server-only'
import { AwsV4Signer } from 'aws4fetch'
import { AppError } from '@/lib/errors'
import { normalizeHeaders } from '../exchange-with-limits'
import type { RestAuth } from '../settings'
import type { RestAuthorizer } from './authorizer'

type SigV4 = Extract<RestAuth, { kind: 'sigv4' }>
type AwsKeys = { accessKeyId: string; secretAccessKey: string; sessionToken?: string | undefined }

const TOKEN_HEADER = 'x-amz-security-token'

/**
 * AWS Signature Version 4, as Glue (`glue`) and S3 Tables (`s3tables`) require it. AWS's own library finds the keys of
 * the credential chain and caches them until they expire.
 */
export function sigV4Authorizer(auth: SigV4, nowMs: () => number): RestAuthorizer {
  const loadKeys = createKeyLoader(auth.credentials)
  return {
    async authorize({ method, url, headers, body }) {
      const { accessKeyId, secretAccessKey, sessionToken } = await loadKeys()
      const signer = new AwsV4Signer({
        method,
        url: url.href,
        // The signer would build a `Headers` object itself and name an invalid value in its error.
        headers: normalizeHeaders({ ...headers, ...(sessionToken !== undefined && { [TOKEN_HEADER]: sessionToken }) }),
        ...(body !== undefined && { body }),
        accessKeyId,
        secretAccessKey,
        ...(sessionToken !== undefined && { sessionToken }),
        service: auth.service,
        region: auth.region,
        datetime: new Date(nowMs()).toISOString().replace(/[:-]|\.\d{3}/g, ''),
      })
      return Object.fromEntries((await signer.sign()).headers)
    },
    handleUnauthorized: () => false,
  }
}

function createKeyLoader(credentials: SigV4['credentials']): () => Promise<AwsKeys> {
  if (credentials.kind === 'keys') return async () => credentials
  const { profile } = credentials
  let provider: (() => Promise<AwsKeys>) | null = null
  return async () => {
    try {
      if (provider === null) {
        const { defaultProvider } = await import('@aws-sdk/credential-provider-node')
        provider = defaultProvider(profile === undefined ? {} : { profile })
      }
      return await provider()
    } catch (cause) {
      throw new AppError('catalog-refused', 'No AWS credentials were found on this server.', { cause })
    }
  }
}
