import 'server-only'

/** A response whose length is unknown at its start. Trailers at its end report the result. */
export class StreamedResponse extends Response {
  readonly #readTrailers: () => Record<string, string>

  /** @param readTrailers is called after the last byte */
  constructor(body: ReadableStream<Uint8Array>, headers: HeadersInit, readTrailers: () => Record<string, string>) {
    super(body, { headers })
    this.#readTrailers = readTrailers
  }

  readTrailers(): Record<string, string> {
    return this.#readTrailers()
  }
}
