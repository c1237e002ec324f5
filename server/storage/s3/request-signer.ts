import 'server-only'
import { AwsV4Signer } from 'aws4fetch'
import { AppError } from '@/lib/errors'
import type { Headers } from '@/server/http-out/send-request'
import { clock } from '@/server/timing/clock'
import type { S3Access, S3Credentials, S3Signer } from '../../locations/storage-access'

export type SignableRequest = { method: string; url: URL; headers: Headers }
export type RequestSigner = (request: SignableRequest, signal?: AbortSignal) => Promise<{ url: URL; headers: Headers }>

type AwsKeys = { accessKeyId: string; secretAccessKey: string; sessionToken?: string | undefined }

/** Signs requests to a store. Keys from AWS's chain are fetched again shortly before they expire. */
export function requestSigner({ credentials, region }: Pick<S3Access, 'credentials' | 'region'>): RequestSigner {
  if (credentials.kind === 'anonymous') return async ({ url, headers }) => ({ url, headers })
  if (credentials.kind === 'remote-signing') return remoteSigner(credentials.sign, region)
  const keys = keyProvider(credentials)
  // Signing keys derived for a day, region and service; the library fills it.
  const cache = new Map<string, ArrayBuffer>()
  return async ({ method, url, headers }) => {
    const { accessKeyId, secretAccessKey, sessionToken } = requireSendable(await keys())
    const signer = new AwsV4Signer({
      method,
      url: url.href,
      headers,
      accessKeyId,
      secretAccessKey,
      ...(sessionToken !== undefined && { sessionToken }),
      service: 's3',
      region,
      cache,
    })
    const signed = await signer.sign()
    return { url: signed.url, headers: Object.fromEntries(signed.headers) }
  }
}

/** Keys are checked here because an error from sending them would repeat them. */
function requireSendable(keys: AwsKeys): AwsKeys {
  if ([keys.accessKeyId, keys.sessionToken ?? ''].every((text) => /^[\x21-\x7E]*$/.test(text))) return keys
  throw new AppError('forbidden', 'The keys for this storage are not valid.')
}

function keyProvider(credentials: Extract<S3Credentials, { kind: 'keys' | 'chain' }>): () => Promise<AwsKeys> {
  return credentials.kind === 'keys' ? fixedKeys(credentials) : chainKeys(credentials.profile)
}

/** Keyed by the credentials object, so that AWS's chain is not queried for each request. */
const keyProviders = new WeakMap<S3Credentials, () => Promise<AwsKeys>>()

/**
 * The keys to sign with on behalf of a client.
 *
 * @throws {AppError} forbidden without any; not-supported if this server itself uses no keys
 */
export async function resolveSigningKeys(credentials: S3Credentials): Promise<AwsKeys> {
  if (credentials.kind === 'keys' || credentials.kind === 'chain') {
    const keys = keyProviders.get(credentials) ?? keyProvider(credentials)
    keyProviders.set(credentials, keys)
    return keys()
  }
  throw new AppError('not-supported', 'Lakeshore uses this storage without keys, so it cannot sign requests.')
}

function fixedKeys(keys: Extract<S3Credentials, { kind: 'keys' }>): () => Promise<AwsKeys> {
  return async () => {
    if (keys.expiresAtMs !== undefined && keys.expiresAtMs <= clock.nowMs()) {
      throw new AppError('forbidden', 'The credentials for this storage have expired.')
    }
    return keys
  }
}

function chainKeys(profile: string | undefined): () => Promise<AwsKeys> {
  let chain: Promise<() => Promise<AwsKeys>> | null = null
  return async () => {
    // Loaded on first use because it is large.
    chain ??= import('@aws-sdk/credential-provider-node').then(({ defaultProvider }) =>
      defaultProvider({ ...(profile !== undefined && { profile }) }),
    )
    try {
      return await (await chain)()
    } catch (cause) {
      throw new AppError(
        'forbidden',
        'No credentials for this storage were found in the locations that AWS’s tools search.',
        {
          cause,
        },
      )
    }
  }
}

/**
 * The catalog signs. Its adapter is called for each request, because only the adapter knows whether a signature may be
 * cached. The signed request must be for the same object at the same host; otherwise a catalog could send this server
 * anywhere.
 */
function remoteSigner(sign: S3Signer, region: string): RequestSigner {
  return async ({ method, url, headers }, signal) => {
    const headerLists = Object.fromEntries(
      Object.entries({ ...headers, host: url.host }).map(([name, v]) => [name, [v]]),
    )
    const signed = await sign({ method, url: url.href, region, headers: headerLists }, signal && { signal })
    const signedUrl = URL.parse(signed.url)
    if (signedUrl?.origin !== url.origin || signedUrl.pathname !== url.pathname) {
      throw new AppError('forbidden', 'The catalog signed a request for another URL than the requested one.')
    }
    const signedHeaders = Object.entries(signed.headers).map(([name, values]) => [name.toLowerCase(), values.join(',')])
    return { url: signedUrl, headers: withoutHost({ ...headers, ...Object.fromEntries(signedHeaders) }) }
  }
}

/** The host follows from the URL. */
function withoutHost(headers: Headers): Headers {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => name !== 'host'))
}
