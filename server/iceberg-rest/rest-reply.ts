import 'server-only'

/**
 * A response before it becomes a `Response`. Its body consists of shared parts, such as a table's metadata, which takes
 * hundreds of kilobytes and is requested again and again. The web server writes the parts to the socket without copying
 * them.
 */
export class RestReply {
  readonly status: number
  /** Keyed by lower-case name. */
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

  /** Length of the body, in bytes. */
  get byteLength(): number {
    return this.parts.reduce((sum, part) => sum + part.byteLength, 0)
  }

  toResponse(): Response {
    const { status, headers } = this
    return new Response(this.parts.length === 0 ? null : Buffer.concat(this.parts), { status, headers: [...headers] })
  }
}
