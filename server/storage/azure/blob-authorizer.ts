import 'server-only'
import { AppError } from '@/lib/errors'
import { createRefreshingValue } from '@/lib/refreshing-value'
import type { Headers } from '@/server/http-out/send-request'
import { clock } from '@/server/timing/clock'
import { bearerHeader } from '../remote/bearer-header'
import { fetchToken } from '../remote/fetch-token'
import type { AzureCredentials } from '../../locations/storage-access'
import type { Account } from './account'
import { type SignableRequest, sharedKeyAuthorization } from './shared-key'

export type BlobAuthorizer = {
  /** Appended to the query of the URL. */
  query: readonly (readonly [string, string])[]
  /** Sent in addition to the other headers. */
  headersFor(request: SignableRequest, signal?: AbortSignal): Promise<Headers>
  /** Called when the store refused the credentials: a cached token is then requested again. */
  invalidate(): void
}

/**
 * Parameters of a shared access signature (Azure Storage REST, *Create a service SAS*); no other parameter is passed
 * on.
 */
const SAS_PARAMETER = /^(?:s[a-z]{0,5}|rsc[cdelt])$/
/** The token server of each cloud (Microsoft Entra, *National clouds*). */
const AUTHORITIES: Readonly<Record<string, string>> = {
  'core.windows.net': 'https://login.microsoftonline.com',
  'core.usgovcloudapi.net': 'https://login.microsoftonline.us',
  'core.chinacloudapi.cn': 'https://login.partner.microsoftonline.cn',
}

/** Authorizes requests to a storage account. */
export function blobAuthorizer(credentials: AzureCredentials, account: Account): BlobAuthorizer {
  const anonymous: BlobAuthorizer = { query: [], headersFor: async () => ({}), invalidate: () => {} }
  switch (credentials.kind) {
    case 'anonymous':
      return anonymous
    case 'account-key': {
      const { accountKey } = credentials
      const sharedKey = { account: account.account, accountKey }
      return {
        ...anonymous,
        headersFor: async (request) => ({ authorization: sharedKeyAuthorization(request, sharedKey) }),
      }
    }
    case 'sas':
      return {
        ...anonymous,
        query: parseSas(credentials.token),
        async headersFor() {
          if (credentials.expiresAtMs !== undefined && credentials.expiresAtMs <= clock.nowMs()) {
            throw new AppError('forbidden', 'The credentials for this storage have expired.')
          }
          return {}
        },
      }
    case 'bearer':
      return { ...anonymous, headersFor: async () => bearerHeader(credentials.token) }
    case 'client-secret': {
      const { tenantId, clientId, clientSecret, authority } = credentials
      const base = authority ?? AUTHORITIES[account.cloud] ?? ''
      const url = new URL(`${base}/${encodeURIComponent(tenantId)}/oauth2/v2.0/token`)
      const form = {
        grant_type: 'client_credentials',
        client_id: clientId,
        client_secret: clientSecret,
        scope: 'https://storage.azure.com/.default',
      }
      const token = createRefreshingValue(() => fetchToken(url, form), clock.nowMs)
      let lastToken = ''
      return {
        ...anonymous,
        async headersFor(_request, signal) {
          lastToken = await token.get(signal)
          return bearerHeader(lastToken)
        },
        invalidate: () => token.invalidate(lastToken),
      }
    }
  }
}

/**
 * @param token as Azure shows it, with or without the leading question mark
 * @throws {AppError} forbidden when it contains any other parameter
 */
function parseSas(token: string): [string, string][] {
  // The token is usually percent-encoded. A plus that is not encoded means itself, as in base64.
  const parameters = [...new URLSearchParams(token.replace(/^\?/, '').replaceAll('+', '%2B'))]
  const isSas = parameters.some(([name]) => name === 'sig') && parameters.every(([name]) => SAS_PARAMETER.test(name))
  if (!isSas) throw new AppError('forbidden', 'The shared access signature for this storage is not valid.')
  return parameters
}
