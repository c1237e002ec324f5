import 'server-only'
import { AppError } from '@/lib/errors'
import { JsonFields } from '@/lib/iceberg/json-fields'
import { propertyValue } from '@/lib/iceberg/property-value'
import type { Json } from '@/lib/iceberg/types'
import type { S3Signer } from '@/server/storage/storage-access'
import type { KeptSignatures } from './kept-signatures'
import type { RestHttp } from './rest-http'
import { readAnswer } from './rest-session'

/** Of Iceberg's `S3V4RestSignerClient`, where the catalog names none. */
const DEFAULT_ENDPOINT = 'v1/aws/s3/sign'

type Parts = {
  http: RestHttp
  signatures: KeptSignatures
  /** Of the catalog, where the table's configuration names no signer. */
  base: string
}

/**
 * Lets the catalog sign requests for files. Whether what it signed still goes where the request was going is judged
 * by the store, for whoever signs.
 *
 * Spec: REST `open-api`, operation `signRequest`; `s3-signer-open-api`.
 */
export function remoteSigner(
  { http, signatures, base }: Parts,
  properties: Readonly<Record<string, string>>,
): S3Signer {
  const signerUri = propertyValue(properties, 's3.signer.uri') ?? propertyValue(properties, 'signer.uri') ?? base
  const endpoint =
    propertyValue(properties, 's3.signer.endpoint') ?? propertyValue(properties, 'signer.endpoint') ?? DEFAULT_ENDPOINT
  return async (request, { signal } = {}) => {
    const signer = signerAddress(signerUri, endpoint, base)
    const known = signatures.find(signer, request)
    if (known !== null) return known
    const { method, url: asked, region, headers } = request
    const answer = await http.send({
      method: 'POST',
      url: signer,
      body: { region, method, uri: asked, headers },
      purpose: 'read',
      ...(signal && { signal }),
    })
    const signed = readAnswer('its signature has another form', () => {
      const fields = new JsonFields(answer.json, '')
      return { url: fields.text('uri'), headers: listsOf(fields) }
    })
    signatures.keep(signer, request, signed, answer.headers)
    return signed
  }
}

/** The connection's credentials go with the request, so only the catalog's own server is asked. */
function signerAddress(signerUri: string, endpoint: string, base: string): URL {
  const url = URL.parse(endpoint, signerUri.endsWith('/') ? signerUri : `${signerUri}/`)
  if (url !== null && url.origin === new URL(base).origin) return url
  throw new AppError('forbidden', 'The catalog names another server to sign requests. Credentials are not sent there.')
}

function listsOf(answer: JsonFields): Record<string, readonly string[]> {
  return Object.fromEntries(
    answer.members('headers').map(({ key, json }) => {
      const values: Json = typeof json === 'string' ? [json] : json
      if (!Array.isArray(values) || !values.every((value) => typeof value === 'string')) throw new TypeError(key)
      return [key, values]
    }),
  )
}
