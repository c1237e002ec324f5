import 'server-only'

/**
 * An answer before it is a `Response`: its body is in parts that others hold too, such as a table's metadata, which is
 * hundreds of kilobytes and asked for again and again. Whoever writes it to a socket copies none of it.
 */
export class RestReply {
  readonly status: number
  /** By their names in small letters. */
  readonly headers: Map<string, string>
  readonly parts: readonly Uint8Array[]

  constructor(status: number, headers: Readonly<Record<string, string>>, parts: readonly (string | Uint8Array)[] = []) {
    this.status = status
    this.headers = new Map(Object.entries(headers))
    this.parts = parts.map((part) => (typeof part === 'string' ? Buffer.from(part) : part))
  }

  static async fromResponse(response: Response): Promise<RestReply> {
    const body = new Uint8Array(await response.arrayBuffer())
    return new RestReply(response.status, Object.fromEntries(response.headers), [body])
  }

  /** Of the body, in bytes. */
  get byteLength(): number {
    return this.parts.reduce((sum, part) => sum + part.byteLength, 0)
  }

  toResponse(): Response {
    const { status, headers } = this
    return new Response(this.parts.length === 0 ? null : Buffer.concat(this.parts), { status, headers: [...headers] })
  }
}
