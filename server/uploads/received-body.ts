import 'server-only'

/**
 * The body of a request up to where the connection ended. A failure while it is read can only be one of the connection;
 * failures of the code that reads it are thrown there.
 */
export class ReceivedBody {
  failure: unknown = null
  readonly #chunks: AsyncIterable<Uint8Array>

  constructor(chunks: AsyncIterable<Uint8Array>) {
    this.#chunks = chunks
  }

  async *read(): AsyncGenerator<Uint8Array, void> {
    try {
      for await (const chunk of this.#chunks) yield chunk
    } catch (error) {
      this.failure = error
    }
  }
}
