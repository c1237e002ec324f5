import { createHmac } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { type Reply, type ReceivedRequest, send, StoreStandIn, escapeXml } from './store-stand-in'

/**
 * A stand-in for an Azure account's Blob service. It checks signatures by Azure Storage REST, *Authorize with Shared
 * Key*.
 */

export const ACCOUNT = 'acme'
export const ACCOUNT_KEY = 'c2VjcmV0IHNlY3JldCBzZWNyZXQgc2VjcmV0IHNlY3JldA=='
export const SAS = 'sv=2023-11-03&sr=c&sp=rwdl&sig=a%2Bb%3D%3D'

export class AzureStandIn extends StoreStandIn {
  readonly blocks = new Map<string, Map<string, Buffer>>()
  /** Blobs that represent folders. */
  readonly folders = new Set<string>()
  /** A token that is accepted in addition to the key. */
  token: string | null = null
  acceptsSas = false

  /** @returns the endpoint of the account */
  override async start(): Promise<string> {
    return `${await super.start()}/${ACCOUNT}`
  }

  protected override refusalCode(request: IncomingMessage, body: Buffer): string | null {
    const { headers, url = '' } = request
    if (headers['x-ms-version'] === undefined) return 'MissingRequiredHeader'
    if (this.acceptsSas && url.includes(SAS)) return null
    if (this.token !== null) return headers.authorization === `Bearer ${this.token}` ? null : 'AuthenticationFailed'
    return headers.authorization === `SharedKey ${ACCOUNT}:${sharedKeySignature(request, body)}`
      ? null
      : 'AuthenticationFailed'
  }

  protected override refusalReply(_status: number, code: string) {
    const body = `<Error><Code>${code}</Code><Message>no, ${ACCOUNT_KEY}</Message></Error>`
    return { body, headers: { 'x-ms-error-code': code } }
  }

  protected override handle(request: ReceivedRequest, body: Buffer, reply: Reply): void {
    const { method, path, query, headers } = request
    const name = decodeURIComponent(path.slice(`/${ACCOUNT}/`.length))
    const existing = this.objects.get(name)
    const comp = query.get('comp')
    if (method === 'GET' && comp === 'list') return this.#list(name, query, reply)
    if (method === 'PUT') {
      if (comp === 'block') return this.#putBlock(name, query.get('blockid') ?? '', body, reply)
      if (existing && headers['if-none-match'] === '*') return this.refuse(reply, 409, 'BlobAlreadyExists')
      if (comp === 'blocklist') return this.#putBlockList(name, body, reply)
      if (headers['x-ms-blob-type'] !== 'BlockBlob') return this.refuse(reply, 400, 'MissingRequiredHeader')
      this.objects.set(name, body)
      return send(reply, 201, '')
    }
    if (!existing) return this.refuse(reply, 404, 'BlobNotFound')
    if (method !== 'DELETE') return this.sendObject(reply, request, existing)
    this.objects.delete(name)
    send(reply, 202, '')
  }

  #putBlock(name: string, id: string, body: Buffer, reply: Reply): void {
    const blocks = this.blocks.get(name) ?? new Map<string, Buffer>()
    this.blocks.set(name, blocks.set(id, body))
    send(reply, 201, '')
  }

  #putBlockList(name: string, body: Buffer, reply: Reply): void {
    const blocks = this.blocks.get(name)
    const ids = [...body.toString().matchAll(/<Uncommitted>([^<]+)<\/Uncommitted>/g)].map(([, id]) => id ?? '')
    const bodies = ids.map((id) => blocks?.get(id))
    if (bodies.includes(undefined)) return this.refuse(reply, 400, 'InvalidBlockList')
    this.objects.set(name, Buffer.concat(bodies.filter((block) => block !== undefined)))
    this.blocks.delete(name)
    send(reply, 201, '')
  }

  #list(container: string, query: URLSearchParams, reply: Reply): void {
    const { keys, folders, last } = this.listKeys(container, query, { after: 'marker', limit: 'maxresults' })
    const blobs = keys.map((key) => {
      const folderMetadata = this.folders.has(`${container}/${key}`)
        ? '<Metadata><hdi_isfolder>true</hdi_isfolder></Metadata>'
        : ''
      return `<Blob><Name>${escapeXml(key)}</Name><Properties><Content-Length>${this.objects.get(`${container}/${key}`)?.length ?? 0}</Content-Length><Last-Modified>Fri, 17 May 2024 22:31:08 GMT</Last-Modified></Properties>${folderMetadata}</Blob>`
    })
    const prefixes = folders.map((key) => `<BlobPrefix><Name>${escapeXml(key)}</Name></BlobPrefix>`)
    const next = `<NextMarker>${last ?? ''}</NextMarker>`
    send(
      reply,
      200,
      `<?xml version="1.0"?><EnumerationResults><Blobs>${blobs.join('')}${prefixes.join('')}</Blobs>${next}</EnumerationResults>`,
    )
  }
}

function sharedKeySignature({ method, url = '', headers }: IncomingMessage, body: Buffer): string {
  const { pathname, searchParams } = new URL(url, 'http://stand-in')
  const value = (name: string) => String(headers[name] ?? '')
  const length = body.length === 0 ? '' : String(body.length)
  const toSign = [
    method,
    value('content-encoding'),
    value('content-language'),
    length,
    value('content-md5'),
    value('content-type'),
    '', // The date is in x-ms-date.
    value('if-modified-since'),
    value('if-match'),
    value('if-none-match'),
    value('if-unmodified-since'),
    value('range'),
    ...Object.keys(headers)
      .filter((name) => name.startsWith('x-ms-'))
      .sort()
      .map((name) => `${name}:${value(name).trim()}`),
  ]
  const resource = [`/${ACCOUNT}${pathname}`, ...[...searchParams].map(([name, v]) => `${name}:${v}`).sort()]
  const hmac = createHmac('sha256', Buffer.from(ACCOUNT_KEY, 'base64'))
  return hmac.update([...toSign, ...resource].join('\n')).digest('base64')
}
