import { createHash, createHmac } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { etagOf, type Reply, type Seen, send, StoreStandIn, xmlText } from './store-stand-in'

/** An S3 store; signatures are judged by AWS, *Signature Version 4 signing process*. */

export const KEYS = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' }

export class S3StandIn extends StoreStandIn {
  readonly uploads = new Map<string, Map<number, Buffer>>()
  isAnonymous = false
  knowsConditions = true
  sessionToken: string | undefined

  protected override problemOf(request: IncomingMessage, body: Buffer): string | null {
    return this.isAnonymous ? null : signatureProblem(request, body, this.sessionToken)
  }

  protected override refusalOf(_status: number, code: string) {
    return { body: `<Error><Code>${code}</Code><Message>no, ${KEYS.secretAccessKey}</Message></Error>` }
  }

  protected override answer(seen: Seen, body: Buffer, reply: Reply): void {
    const { method, path, query, headers } = seen
    const name = decodeURIComponent(path.slice(1))
    const there = this.objects.get(name)
    const isConditional = headers['if-none-match'] === '*'
    if (isConditional && !this.knowsConditions) return this.refuse(reply, 501, 'NotImplemented')
    if (method === 'GET' && query.has('list-type')) return this.#list(name.replace(/\/$/, ''), query, reply)
    if (method === 'POST' && query.has('uploads')) {
      const id = `upload-${this.uploads.size}`
      this.uploads.set(id, new Map())
      return send(
        reply,
        200,
        `<InitiateMultipartUploadResult><UploadId>${id}</UploadId></InitiateMultipartUploadResult>`,
      )
    }
    const id = query.get('uploadId')
    if (id !== null) return this.#part({ name, id, method, query, body, isConditional }, reply)
    if (method === 'PUT') {
      if (isConditional && there) return this.refuse(reply, 412, 'PreconditionFailed')
      this.objects.set(name, body)
      return send(reply, 200, '', { etag: etagOf(body) })
    }
    if (method === 'DELETE') {
      this.objects.delete(name)
      return send(reply, 204, '')
    }
    if (!there) return this.refuse(reply, 404, method === 'HEAD' ? undefined : 'NoSuchKey')
    this.sendObject(reply, seen, there)
  }

  #list(bucket: string, query: URLSearchParams, reply: Reply): void {
    const { keys, last } = this.listed(bucket, query, { after: 'continuation-token', most: 'max-keys' })
    const next = last === undefined ? '' : `<NextContinuationToken>${last}</NextContinuationToken>`
    const contents = keys.map((key) => `<Contents><Key>${xmlText(key)}</Key><Size>1</Size></Contents>`)
    send(
      reply,
      200,
      `<?xml version="1.0"?><ListBucketResult><Name>b</Name>${contents.join('')}${next}</ListBucketResult>`,
    )
  }

  #part(
    asked: { name: string; id: string; method: string; query: URLSearchParams; body: Buffer; isConditional: boolean },
    reply: Reply,
  ): void {
    const parts = this.uploads.get(asked.id)
    if (!parts) return this.refuse(reply, 404, 'NoSuchUpload')
    if (asked.method === 'PUT') {
      parts.set(Number(asked.query.get('partNumber')), asked.body)
      return send(reply, 200, '', { etag: etagOf(asked.body) })
    }
    if (asked.method === 'DELETE') {
      this.uploads.delete(asked.id)
      return send(reply, 204, '')
    }
    if (asked.isConditional && this.objects.has(asked.name)) return this.refuse(reply, 412, 'PreconditionFailed')
    const listed = [...asked.body.toString().matchAll(/<PartNumber>(\d+)<\/PartNumber><ETag>([^<]*)<\/ETag>/g)]
    const bodies = listed.map(([, number, tag]) => {
      const part = parts.get(Number(number))
      return part && etagOf(part) === tag?.replaceAll('&#34;', '"') ? part : null
    })
    if (bodies.includes(null)) return this.refuse(reply, 400, 'InvalidPart')
    this.objects.set(asked.name, Buffer.concat(bodies.filter((part) => part !== null)))
    this.uploads.delete(asked.id)
    send(reply, 200, '<CompleteMultipartUploadResult/>')
  }
}

/** Why a signature does not hold, or null. */
function signatureProblem(request: IncomingMessage, body: Buffer, token: string | undefined): string | null {
  const { headers } = request
  const [, key, date, region, signed, signature] =
    /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/s3\/aws4_request, ?SignedHeaders=([^,]+), ?Signature=([0-9a-f]{64})$/.exec(
      headers.authorization ?? '',
    ) ?? []
  if (!date || !region || !signed || key !== KEYS.accessKeyId) return 'InvalidAccessKeyId'
  if (headers['x-amz-security-token'] !== token) return 'InvalidToken'
  const hash = createHash('sha256').update(body).digest('hex')
  if (headers['x-amz-content-sha256'] !== hash) return 'XAmzContentSHA256Mismatch'
  const names = signed.split(';')
  const must = ['host', ...Object.keys(headers).filter((name) => name.startsWith('x-amz-'))]
  if (!must.every((name) => names.includes(name))) return 'SignatureDoesNotMatch'
  const [path = '', search = ''] = (request.url ?? '').split('?')
  const canonical = [
    request.method,
    path,
    search.split('&').sort().join('&'),
    ...names.map((name) => `${name}:${String(headers[name]).trim()}`),
    '',
    signed,
    hash,
  ].join('\n')
  const scope = `${date}/${region}/s3/aws4_request`
  const text = ['AWS4-HMAC-SHA256', headers['x-amz-date'], scope, createHash('sha256').update(canonical).digest('hex')]
  const hmac = (secret: string | Buffer, part: string) => createHmac('sha256', secret).update(part).digest()
  const signingKey = [date, region, 's3', 'aws4_request'].reduce<string | Buffer>(hmac, `AWS4${KEYS.secretAccessKey}`)
  return hmac(signingKey, text.join('\n')).toString('hex') === signature ? null : 'SignatureDoesNotMatch'
}
