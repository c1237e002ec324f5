import 'server-only'
import { createHash } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { Protocol } from '../remote/client'
import { Refusal } from '../remote/refusal'
import type { S3Access } from '../../locations/storage-access'
import { objectUrl } from './object-url'
import { requestSigner } from './request-signer'
import { parseErrorCode } from './s3-xml'

const NO_BYTES_SHA256 = createHash('sha256').digest('hex')

/** Requests to an S3-compatible store, signed. */
export function s3Protocol(access: S3Access): Protocol {
  const sign = requestSigner(access)
  return {
    host: objectUrl({ ...access, isPathStyle: true }, { bucket: '', key: '' }).host,
    reach: access.reach,

    prepare({ method, object, query, headers, body, signal }) {
      const hash = body ? createHash('sha256').update(body).digest('hex') : NO_BYTES_SHA256
      const unsigned = { ...headers, 'x-amz-content-sha256': hash }
      const url = objectUrl(access, { bucket: object.bucket, key: object.key }, query)
      return sign({ method, url, headers: unsigned }, signal)
    },

    toRefusal(response, text) {
      const requestId = String(response.headers['x-amz-request-id'] ?? '').slice(0, 100) || null
      const refusal = new Refusal(response.statusCode ?? 0, text === '' ? null : parseErrorCode(text), requestId)
      refusal.bucketRegion = parseBucketRegion(response)
      return refusal
    },

    /** A conflict means that several clients write at the same time; S3 tells them to retry. */
    isTransient({ status, code }) {
      if (status === 501 || status === 507) return false
      return status >= 500 || status === 429 || status === 409 || code === 'RequestTimeout'
    },
  }
}

/** The bucket's region, when the store reports it. People see it in messages, so it must look like a region. */
function parseBucketRegion({ headers }: IncomingMessage): string | null {
  const region = headers['x-amz-bucket-region']
  return typeof region === 'string' && /^[a-z0-9-]{1,40}$/.test(region) ? region : null
}
