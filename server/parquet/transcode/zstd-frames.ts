import 'server-only'
import zlib from 'node:zlib'

const { ZSTD_c_compressionLevel, ZSTD_e_end } = zlib.constants
/** Output of several pages; a page that does not fit into what is left of it comes in two parts. */
const OUTPUT_BYTES = 512 * 1024

/**
 * Makes independent frames of zstd with one context, one after another. Node's functions for whole buffers make a context
 * for each call, which takes as long as compressing 20 kB.
 */
class FrameCompressor {
  readonly #stream: zlib.ZstdCompress
  #parts: Buffer[] = []
  #last: Promise<unknown> = Promise.resolve()

  /** @param onError the compressor is of no use any more */
  constructor(level: number, onError: () => void) {
    this.#stream = zlib.createZstdCompress({
      // Each write ends its frame; zstd knows its size then, and puts it into the frame.
      flush: ZSTD_e_end,
      chunkSize: OUTPUT_BYTES,
      params: { [ZSTD_c_compressionLevel]: level },
    })
    this.#stream.on('data', (part: Buffer) => this.#parts.push(part))
    // The write that fails throws it.
    this.#stream.on('error', onError)
  }

  compress(plain: Uint8Array): Promise<Uint8Array> {
    const frame = this.#last.then(() => this.#writeFrame(plain))
    this.#last = frame.catch(() => {})
    return frame
  }

  #writeFrame(plain: Uint8Array): Promise<Uint8Array> {
    return new Promise((resolve, reject) => {
      this.#stream.write(plain, (error) => {
        const parts = this.#parts
        this.#parts = []
        const [first] = parts
        if (error) reject(error)
        else if (first === undefined) reject(new Error('zstd wrote no frame for a page'))
        else resolve(parts.length === 1 ? first : Buffer.concat(parts))
      })
    })
  }
}

/** Keeps a context for each level that a file uses. */
export class ZstdFrames {
  readonly #compressors = new Map<number, FrameCompressor>()

  /**
   * Compresses into one frame, in a thread of Node. Calls with the same level take turns.
   *
   * @param level a fast one: its context stays in memory
   */
  compress(plain: Uint8Array, level: number): Promise<Uint8Array> {
    const compressor = this.#compressors.get(level) ?? new FrameCompressor(level, () => this.#compressors.delete(level))
    this.#compressors.set(level, compressor)
    return compressor.compress(plain)
  }
}
