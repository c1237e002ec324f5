import type { IncomingMessage } from 'node:http'
import { type Reply, type ReceivedRequest, send, StoreStandIn } from './store-stand-in'

/** A stand-in for Google Cloud Storage, after the documentation of its JSON API and its XML API. */

export class GcsStandIn extends StoreStandIn {
  /** The accepted token; null accepts every request. */
  token: string | null = null
  /** The state of uploads in parts, by upload id. */
  readonly uploads = new Map<string, { name: string; isConditional: boolean; bytes: Buffer }>()
  /** How many bytes of each part are accepted; a store may accept less than it is sent. */
  maxPartBytes = Number.POSITIVE_INFINITY

  protected override refusalCode({ headers }: IncomingMessage): string | null {
    return this.token === null || headers.authorization === `Bearer ${this.token}` ? null : 'authError'
  }

  /** In JSON, or in XML when the code belongs to the XML API. */
  protected override refusalReply(status: number, code: string) {
    const message = `no, ${this.token}`
    const body = /^[A-Z]/.test(code)
      ? `<?xml version='1.0' encoding='UTF-8'?><Error><Code>${code}</Code><Message>${message}</Message></Error>`
      : JSON.stringify({ error: { code: status, message, errors: [{ reason: code, message }] } })
    return { body, ...(code === 'authError' && { status: 401 }) }
  }

  protected override handle(request: ReceivedRequest, body: Buffer, reply: Reply): void {
    const { method, path, query } = request
    const [, isUpload, bucket = '', key] = /^(\/upload)?\/storage\/v1\/b\/([^/]+)\/o(?:\/([^/]+))?$/.exec(path) ?? []
    if (isUpload !== undefined) return this.#upload(request, `${bucket}/${query.get('name')}`, body, reply)
    if (bucket !== '' && key === undefined) return this.#list(bucket, query, reply)
    if (method === 'DELETE') {
      const wasThere = this.objects.delete(`${bucket}/${decodeURIComponent(key ?? '')}`)
      return wasThere ? send(reply, 204, '') : this.refuse(reply, 404, 'notFound')
    }
    const existing = this.objects.get(decodeURIComponent(path.slice(1)))
    if (!existing) return this.refuse(reply, 404, method === 'HEAD' ? undefined : 'NoSuchKey')
    this.sendObject(reply, request, existing)
  }

  #upload({ method, query, headers }: ReceivedRequest, name: string, body: Buffer, reply: Reply): void {
    if (method === 'PUT')
      return this.#appendPart(query.get('upload_id') ?? '', headers['content-range'] ?? '', body, reply)
    const isConditional = query.get('ifGenerationMatch') === '0'
    if (query.get('uploadType') === 'media') {
      if (isConditional && this.objects.has(name)) return this.refuse(reply, 412, 'conditionNotMet')
      this.objects.set(name, body)
      return send(reply, 200, '{"kind":"storage#object"}')
    }
    const id = `upload-${this.uploads.size}`
    this.uploads.set(id, { name, isConditional, bytes: Buffer.alloc(0) })
    send(reply, 200, '', { location: `https://elsewhere.example/upload?uploadType=resumable&upload_id=${id}` })
  }

  /** Bytes that the store already has are ignored. */
  #appendPart(id: string, range: string, body: Buffer, reply: Reply): void {
    const upload = this.uploads.get(id)
    const [, start, total] = /^bytes (\d+)-\d+\/(\d+)$/.exec(range) ?? []
    if (!upload) return this.refuse(reply, 404, 'notFound')
    if (start === undefined || Number(start) > upload.bytes.length) return this.refuse(reply, 400, 'invalid')
    const newBytes = body.subarray(upload.bytes.length - Number(start)).subarray(0, this.maxPartBytes)
    upload.bytes = Buffer.concat([upload.bytes, newBytes])
    if (upload.bytes.length < Number(total)) {
      const rangeHeader = upload.bytes.length === 0 ? {} : { range: `bytes=0-${upload.bytes.length - 1}` }
      return send(reply, 308, '', rangeHeader)
    }
    this.uploads.delete(id)
    if (upload.isConditional && this.objects.has(upload.name)) return this.refuse(reply, 412, 'conditionNotMet')
    this.objects.set(upload.name, upload.bytes)
    send(reply, 200, '{"kind":"storage#object"}')
  }

  #list(bucket: string, query: URLSearchParams, reply: Reply): void {
    const { keys, folders, last } = this.listKeys(bucket, query, { after: 'pageToken', limit: 'maxResults' })
    const items =
      keys.length === 0
        ? undefined
        : keys.map((name) => {
            const size = String(this.objects.get(`${bucket}/${name}`)?.length ?? 0)
            return { name, size, updated: '2024-05-17T22:31:08.000Z' }
          })
    send(reply, 200, JSON.stringify({ kind: 'storage#objects', nextPageToken: last, prefixes: folders, items }))
  }
}
