import { createHash, createHmac } from 'node:crypto'
import http, { type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/**
 * An S3 store in this process, for what a real one does not do on demand: it judges each request's signature by the
 * specification (AWS, *Signature Version 4 signing process*) and goes wrong as it is told to.
 */

/** What happens to one request: `lose` carries it out and then breaks the connection instead of answering. */
export type Fault =
  | { kind: 'reset' | 'lose' | 'silence' | 'cut' | 'short' }
  | { kind: 'answer'; status: number; code?: string; headers?: Record<string, string>; body?: string }

export type Seen = { method: string; path: string; query: URLSearchParams; headers: http.IncomingHttpHeaders }

export const KEYS = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' }

export class S3StandIn {
  /** Bodies by `bucket/key`. */
  readonly objects = new Map<string, Buffer>()
  readonly uploads = new Map<string, Map<number, Buffer>>()
  readonly seen: Seen[] = []
  /** For the next requests, in order; null lets one through. */
  readonly faults: (Fault | null)[] = []
  /** For every request that it is said of. */
  always: (request: Seen) => Fault | null = () => null
  /** What each request waits for. */
  pause: Promise<unknown> = Promise.resolve()
  runningCount = 0
  mostRunning = 0
  /** Keys in one answer of a listing. */
  mostListed = 1_000
  isAnonymous = false
  knowsConditions = true
  sessionToken: string | undefined
  readonly #server = http.createServer((request, response) => void this.#serve(request, response))

  async start(): Promise<string> {
    await new Promise<void>((resolve) => void this.#server.listen(0, '127.0.0.1', resolve))
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise((resolve) => void this.#server.close(resolve))
  }

  /** Methods and paths of what came, with what marks one of a kind from another. */
  get requests(): string[] {
    return this.seen.map(
      ({ method, path, query }) => `${method} ${path}${query.size > 0 ? `?${[...query.keys()].join('&')}` : ''}`,
    )
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.runningCount += 1
    this.mostRunning = Math.max(this.mostRunning, this.runningCount)
    response.once('close', () => {
      this.runningCount -= 1
    })
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    await this.pause
    const url = new URL(request.url ?? '', 'http://stand-in')
    const seen = { method: request.method ?? '', path: url.pathname, query: url.searchParams, headers: request.headers }
    this.seen.push(seen)
    const fault = this.faults.shift() ?? this.always(seen)
    if (fault?.kind === 'reset') return void request.socket.destroy()
    if (fault?.kind === 'silence') return
    if (fault?.kind === 'answer') return refuse(response, fault.status, fault.code, fault.headers, fault.body)
    const body = Buffer.concat(chunks)
    const problem = this.isAnonymous ? null : signatureProblem(request, body, this.sessionToken)
    if (problem) return refuse(response, 403, problem)
    if (fault?.kind === 'lose') {
      this.#answer(
        seen,
        body,
        sink(() => request.socket.destroy()),
      )
      return
    }
    this.#answer(seen, body, fault ? spoiled(response, fault.kind) : response)
  }

  #answer({ method, path, query, headers }: Seen, body: Buffer, response: Response): void {
    const name = decodeURIComponent(path.slice(1))
    const there = this.objects.get(name)
    const isConditional = headers['if-none-match'] === '*'
    if (isConditional && !this.knowsConditions) return refuse(response, 501, 'NotImplemented')
    if (method === 'GET' && query.has('list-type')) return this.#list(name, query, response)
    if (method === 'POST' && query.has('uploads')) {
      const id = `upload-${this.uploads.size}`
      this.uploads.set(id, new Map())
      return send(
        response,
        200,
        `<InitiateMultipartUploadResult><UploadId>${id}</UploadId></InitiateMultipartUploadResult>`,
      )
    }
    const id = query.get('uploadId')
    if (id !== null) return this.#part({ name, id, method, query, body, isConditional }, response)
    if (method === 'PUT') {
      if (isConditional && there) return refuse(response, 412, 'PreconditionFailed')
      this.objects.set(name, body)
      return send(response, 200, '', { etag: etag(body) })
    }
    if (method === 'DELETE') {
      this.objects.delete(name)
      return send(response, 204, '')
    }
    if (!there) return refuse(response, 404, method === 'HEAD' ? undefined : 'NoSuchKey')
    const [, start, end] = /^bytes=(\d+)-(\d+)$/.exec(headers.range ?? '') ?? []
    if (start === undefined) return send(response, 200, there, { etag: etag(there) })
    if (Number(start) >= there.length) return refuse(response, 416, 'InvalidRange')
    const part = there.subarray(Number(start), Number(end) + 1)
    send(response, 206, part, {
      etag: etag(there),
      'content-range': `bytes ${start}-${Number(start) + part.length - 1}/${there.length}`,
    })
  }

  #list(bucket: string, query: URLSearchParams, response: Response): void {
    const prefix = query.get('prefix') ?? ''
    const after = query.get('continuation-token') ?? ''
    const all = [...this.objects.keys()]
      .filter((name) => name.startsWith(`${bucket.replace(/\/$/, '')}/${prefix}`))
      .map((name) => name.slice(name.indexOf('/') + 1))
      .filter((key) => key > after && !(query.has('delimiter') && key.slice(prefix.length).includes('/')))
      .sort()
    const keys = all.slice(0, Math.min(Number(query.get('max-keys') ?? this.mostListed), this.mostListed))
    const last = keys.length < all.length ? keys.at(-1) : undefined
    const next = last === undefined ? '' : `<NextContinuationToken>${last}</NextContinuationToken>`
    const contents = keys.map((key) => `<Contents><Key>${key.replaceAll('&', '&amp;')}</Key><Size>1</Size></Contents>`)
    send(
      response,
      200,
      `<?xml version="1.0"?><ListBucketResult><Name>b</Name>${contents.join('')}${next}</ListBucketResult>`,
    )
  }

  #part(
    asked: { name: string; id: string; method: string; query: URLSearchParams; body: Buffer; isConditional: boolean },
    response: Response,
  ): void {
    const parts = this.uploads.get(asked.id)
    if (!parts) return refuse(response, 404, 'NoSuchUpload')
    if (asked.method === 'PUT') {
      parts.set(Number(asked.query.get('partNumber')), asked.body)
      return send(response, 200, '', { etag: etag(asked.body) })
    }
    if (asked.method === 'DELETE') {
      this.uploads.delete(asked.id)
      return send(response, 204, '')
    }
    if (asked.isConditional && this.objects.has(asked.name)) return refuse(response, 412, 'PreconditionFailed')
    const listed = [...asked.body.toString().matchAll(/<PartNumber>(\d+)<\/PartNumber><ETag>([^<]*)<\/ETag>/g)]
    const bodies = listed.map(([, number, tag]) => {
      const part = parts.get(Number(number))
      return part && etag(part) === tag?.replaceAll('&#34;', '"') ? part : null
    })
    if (bodies.includes(null)) return refuse(response, 400, 'InvalidPart')
    this.objects.set(asked.name, Buffer.concat(bodies.filter((part) => part !== null)))
    this.uploads.delete(asked.id)
    send(response, 200, '<CompleteMultipartUploadResult/>')
  }
}

type Response = Pick<ServerResponse, 'writeHead' | 'end'>

function send(response: Response, status: number, body: string | Buffer, headers: Record<string, string> = {}): void {
  response.writeHead(status, { 'content-length': Buffer.byteLength(body), ...headers })
  response.end(body)
}

function refuse(
  response: Response,
  status: number,
  code?: string,
  headers: Record<string, string> = {},
  body?: string,
) {
  const xml =
    code === undefined ? '' : `<Error><Code>${code}</Code><Message>no, ${KEYS.secretAccessKey}</Message></Error>`
  send(response, status, body ?? xml, headers)
}

function sink(onEnd: () => void): Response {
  return { writeHead: () => undefined as never, end: () => onEnd() as never }
}

/** `cut` breaks off in the middle of what was announced, `short` announces less than was asked for. */
function spoiled(response: ServerResponse, kind: string): Response {
  let wasCut = false
  return {
    writeHead(status: number, headers: Record<string, string | number>) {
      const length = Number(headers['content-length'])
      if (kind === 'short') return response.writeHead(status, { ...headers, 'content-length': length - 1 })
      wasCut = true
      return response.writeHead(status, headers)
    },
    end(body: string | Buffer) {
      const bytes = Buffer.from(body)
      if (!wasCut) return response.end(bytes.subarray(0, -1))
      response.write(bytes.subarray(0, Math.floor(bytes.length / 2)), () => response.socket?.destroy())
      return response
    },
  } as Response
}

function etag(body: Buffer): string {
  return `"${createHash('md5').update(body).digest('hex')}"`
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
