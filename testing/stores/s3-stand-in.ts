import { createHash, createHmac } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { computeEtag, type Reply, type ReceivedRequest, send, StoreStandIn, escapeXml } from './store-stand-in'

/** A stand-in for an S3 store. It checks signatures by AWS, *Signature Version 4 signing process*. */

export const KEYS = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' }

export class S3StandIn extends StoreStandIn {
  readonly uploads = new Map<string, Map<number, Buffer>>()
  /** The object of each upload, and when it began. */
  readonly uploadStarts = new Map<string, { name: string; startedAt: string }>()
  listsUploads = true
  isAnonymous = false
  supportsConditionalWrites = true
  supportsCopies = true
  sessionToken: string | undefined

  protected override refusalCode(request: IncomingMessage, body: Buffer): string | null {
    return this.isAnonymous ? null : signatureProblem(request, body, this.sessionToken)
  }

  protected override refusalReply(_status: number, code: string) {
    return { body: `<Error><Code>${code}</Code><Message>no, ${KEYS.secretAccessKey}</Message></Error>` }
  }

  protected override handle(request: ReceivedRequest, body: Buffer, reply: Reply): void {
    const { method, path, query, headers } = request
    const name = decodeURIComponent(path.slice(1))
    const existing = this.objects.get(name)
    const isConditional = headers['if-none-match'] === '*'
    if (isConditional && !this.supportsConditionalWrites) return this.refuse(reply, 501, 'NotImplemented')
    if (method === 'GET' && query.has('list-type')) return this.#list(name.replace(/\/$/, ''), query, reply)
    if (method === 'GET' && query.has('uploads')) return this.#listUploads(name.replace(/\/$/, ''), query, reply)
    if (method === 'POST' && query.has('uploads')) {
      const id = `upload-${this.uploadStarts.size}`
      this.uploads.set(id, new Map())
      this.uploadStarts.set(id, { name, startedAt: new Date().toISOString() })
      return send(
        reply,
        200,
        `<InitiateMultipartUploadResult><UploadId>${id}</UploadId></InitiateMultipartUploadResult>`,
      )
    }
    const id = query.get('uploadId')
    if (id !== null) return this.#handlePart({ name, id, method, query, body, isConditional }, reply)
    const copySource = headers['x-amz-copy-source']
    if (method === 'PUT' && typeof copySource === 'string') {
      if (!this.supportsCopies) return this.refuse(reply, 501, 'NotImplemented')
      const source = this.objects.get(decodeURIComponent(copySource.slice(1)))
      if (!source) return this.refuse(reply, 404, 'NoSuchKey')
      if (headers['x-amz-copy-source-if-match'] !== computeEtag(source))
        return this.refuse(reply, 412, 'PreconditionFailed')
      this.objects.set(name, source)
      return send(reply, 200, `<CopyObjectResult><ETag>${escapeXml(computeEtag(source))}</ETag></CopyObjectResult>`)
    }
    if (method === 'PUT') {
      if (isConditional && existing) return this.refuse(reply, 412, 'PreconditionFailed')
      this.objects.set(name, body)
      return send(reply, 200, '', { etag: computeEtag(body) })
    }
    if (method === 'DELETE') {
      this.objects.delete(name)
      return send(reply, 204, '')
    }
    if (!existing) return this.refuse(reply, 404, method === 'HEAD' ? undefined : 'NoSuchKey')
    this.sendObject(reply, request, existing)
  }

  #list(bucket: string, query: URLSearchParams, reply: Reply): void {
    const { keys, folders, last } = this.listKeys(bucket, query, { after: 'continuation-token', limit: 'max-keys' })
    const next = last === undefined ? '' : `<NextContinuationToken>${last}</NextContinuationToken>`
    const contents = keys.map((key) => {
      const size = this.objects.get(`${bucket}/${key}`)?.length ?? 0
      return `<Contents><Key>${escapeXml(key)}</Key><LastModified>2024-05-17T22:31:08.000Z</LastModified><Size>${size}</Size></Contents>`
    })
    const prefixes = folders.map((key) => `<CommonPrefixes><Prefix>${escapeXml(key)}</Prefix></CommonPrefixes>`)
    send(
      reply,
      200,
      `<?xml version="1.0"?><ListBucketResult><Name>b</Name>${contents.join('')}${prefixes.join('')}${next}</ListBucketResult>`,
    )
  }

  #listUploads(bucket: string, query: URLSearchParams, reply: Reply): void {
    if (!this.listsUploads) return this.refuse(reply, 501, 'NotImplemented')
    const entries = [...this.uploads.keys()]
      .map((id) => ({ id, ...(this.uploadStarts.get(id) ?? { name: '', startedAt: '' }) }))
      .filter(({ name }) => name.startsWith(`${bucket}/${query.get('prefix') ?? ''}`))
      .toSorted((one, other) => one.id.localeCompare(other.id))
    const after = entries.findIndex(({ id }) => id === query.get('upload-id-marker')) + 1
    const page = entries.slice(after, after + this.maxKeysPerPage)
    const last = page.at(-1)
    const isTruncated = after + page.length < entries.length && last !== undefined
    const keyOf = (name: string) => escapeXml(name.slice(bucket.length + 1))
    const uploads = page.map(
      ({ id, name, startedAt }) =>
        `<Upload><Key>${keyOf(name)}</Key><UploadId>${id}</UploadId><Initiated>${startedAt}</Initiated></Upload>`,
    )
    const next = isTruncated
      ? `<NextKeyMarker>${keyOf(last.name)}</NextKeyMarker><NextUploadIdMarker>${last.id}</NextUploadIdMarker>`
      : ''
    send(
      reply,
      200,
      `<ListMultipartUploadsResult><IsTruncated>${isTruncated}</IsTruncated>${next}${uploads.join('')}</ListMultipartUploadsResult>`,
    )
  }

  #handlePart(
    request: { name: string; id: string; method: string; query: URLSearchParams; body: Buffer; isConditional: boolean },
    reply: Reply,
  ): void {
    const parts = this.uploads.get(request.id)
    if (!parts) return this.refuse(reply, 404, 'NoSuchUpload')
    if (request.method === 'PUT') {
      parts.set(Number(request.query.get('partNumber')), request.body)
      return send(reply, 200, '', { etag: computeEtag(request.body) })
    }
    if (request.method === 'DELETE') {
      this.uploads.delete(request.id)
      return send(reply, 204, '')
    }
    if (request.isConditional && this.objects.has(request.name)) return this.refuse(reply, 412, 'PreconditionFailed')
    const listed = [...request.body.toString().matchAll(/<PartNumber>(\d+)<\/PartNumber><ETag>([^<]*)<\/ETag>/g)]
    const bodies = listed.map(([, number, tag]) => {
      const part = parts.get(Number(number))
      return part && computeEtag(part) === tag?.replaceAll('&#34;', '"') ? part : null
    })
    if (bodies.includes(null)) return this.refuse(reply, 400, 'InvalidPart')
    this.objects.set(request.name, Buffer.concat(bodies.filter((part) => part !== null)))
    this.uploads.delete(request.id)
    send(reply, 200, '<CompleteMultipartUploadResult/>')
  }
}

/** Why a signature is not valid, or null. */
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
  const requiredNames = ['host', ...Object.keys(headers).filter((name) => name.startsWith('x-amz-'))]
  if (!requiredNames.every((name) => names.includes(name))) return 'SignatureDoesNotMatch'
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
