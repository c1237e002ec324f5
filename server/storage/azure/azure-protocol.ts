import 'server-only'
import { clock } from '@/server/timing/clock'
import type { Protocol } from '../remote/client'
import { Refusal } from '../remote/refusal'
import { toErrorCode } from '../remote/xml'
import type { AzureAccess } from '../../locations/storage-access'
import type { Account } from './account'
import { parseErrorCode } from './azure-xml'
import { blobAuthorizer } from './blob-authorizer'
import { blobUrl } from './blob-url'

/**
 * The protocol version: block blobs of any size, and listings that distinguish folders from files. Azurite supports it
 * too.
 */
const VERSION = '2023-11-03'

/** Requests to Azure's Blob service, which also serves the `dfs` locations. */
export function azureProtocol({ endpoint, credentials }: AzureAccess, account: Account): Protocol {
  const authorizer = blobAuthorizer(credentials, account)
  return {
    host: blobUrl(endpoint, account, { bucket: '', key: '' }).host,

    async prepare({ method, object, query = {}, headers = {}, body, signal }) {
      const url = blobUrl(endpoint, account, object, [...Object.entries(query), ...authorizer.query])
      const versionedHeaders = {
        ...headers,
        'x-ms-version': VERSION,
        'x-ms-date': new Date(clock.nowMs()).toUTCString(),
      }
      const request = { method, url, headers: versionedHeaders, bodyBytes: body?.length ?? 0 }
      return { url, headers: { ...versionedHeaders, ...(await authorizer.headersFor(request, signal)) } }
    },

    toRefusal(response, text) {
      const status = response.statusCode ?? 0
      if (status === 401) authorizer.invalidate()
      // The header is also sent for HEAD, whose response has no body.
      const code = toErrorCode(String(response.headers['x-ms-error-code'] ?? '')) ?? parseErrorCode(text)
      const requestId = String(response.headers['x-ms-request-id'] ?? '').slice(0, 100) || null
      return new Refusal(status, code, requestId)
    },

    isTransient: ({ status }) => (status >= 500 && status !== 501) || status === 429 || status === 408,
  }
}
