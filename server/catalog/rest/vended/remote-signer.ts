import 'server-only'
import { AppError } from '@/lib/errors'
import { JsonFields } from '@/lib/iceberg/json/json-fields'
import { propertyValue } from '@/lib/iceberg/properties/property-value'
import type { S3Signer } from '@/server/locations/storage-access'
import type { SignatureCache } from './signature-cache'
import type { RestHttpClient } from '../http/client'
import { readResponse } from '../http/session'
import type { Json } from '@/lib/iceberg/json/json'

/** The default of Iceberg's `S3V4RestSignerClient`, when the catalog names no endpoint. */
const DEFAULT_ENDPOINT = 'v1/aws/s3/sign'

type RemoteSignerDeps = {
  http: RestHttpClient
  signatures: SignatureCache
  /** Base URL of the catalog, used when the table's configuration names no signer. */
  base: string
}

/**
 * Lets the catalog sign requests for files. The store checks for every signer that the signed request still has the
 * same target.
 *
 * Spec: REST `open-api`, operation `signRequest`; `s3-signer-open-api`.
 */
export function remoteSigner(
  { http, signatures, base }: RemoteSignerDeps,
  properties: Readonly<Record<string, string>>,
): S3Signer {
  const signerUri = propertyValue(properties, 's3.signer.uri') ?? propertyValue(properties, 'signer.uri') ?? base
  const endpoint =
    propertyValue(properties, 's3.signer.endpoint') ?? propertyValue(properties, 'signer.endpoint') ?? DEFAULT_ENDPOINT
  return async (request, { signal } = {}) => {
    const signer = resolveSignerUrl(signerUri, endpoint, base)
    const cached = signatures.get(signer, request)
    if (cached !== null) return cached
    const { method, url: requestUri, region, headers } = request
    const response = await http.send({
      method: 'POST',
      url: signer,
      body: { region, method, uri: requestUri, headers },
      purpose: 'read',
      ...(signal && { signal }),
    })
    const signed = readResponse('its signature has an unexpected form', () => {
      const fields = new JsonFields(response.json, '')
      return { url: fields.text('uri'), headers: readHeaderLists(fields) }
    })
    signatures.set(signer, request, signed, response.headers)
    return signed
  }
}

/** The connection's credentials go with the request, so only the catalog's own server may sign. */
function resolveSignerUrl(signerUri: string, endpoint: string, base: string): URL {
  const url = URL.parse(endpoint, signerUri.endsWith('/') ? signerUri : `${signerUri}/`)
  if (url !== null && url.origin === new URL(base).origin) return url
  throw new AppError(
    'forbidden',
    'The catalog names another server to sign requests. Lakeshore does not send credentials there.',
  )
}

function readHeaderLists(response: JsonFields): Record<string, readonly string[]> {
  return Object.fromEntries(
    response.members('headers').map(({ key, json }) => {
      const values: Json = typeof json === 'string' ? [json] : json
      if (!Array.isArray(values) || !values.every((value) => typeof value === 'string')) throw new TypeError(key)
      return [key, values]
    }),
  )
}
