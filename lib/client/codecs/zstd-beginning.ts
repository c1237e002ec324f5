/** The functions of zstd's C library that decompress piece by piece. Addresses are positions in `memory`. */
type ZstdStream = {
  memory: WebAssembly.Memory
  malloc(lengthBytes: number): number
  ZSTD_createDCtx(): number
  ZSTD_DStreamInSize(): number
  ZSTD_DStreamOutSize(): number
  /** Zero at the end of a frame, the negative number of an error, and otherwise a hint. */
  ZSTD_decompressStream(context: number, target: number, source: number): number
}

/** The fields of ZSTD_inBuffer and ZSTD_outBuffer: an address, a length and a position, of four bytes each. */
const BUFFER_BYTES = 12

/**
 * The beginning of what zstd compressed, up to `maxBytes`, from as few pieces as it needs. The instance ends with it, and
 * with it its memory.
 *
 * @throws {Error} for bytes that are damaged or cut off
 */
export async function decompressBeginning(
  module: WebAssembly.Module,
  pieces: AsyncIterable<Uint8Array>,
  maxBytes: number,
): Promise<{ bytes: Uint8Array; isWhole: boolean }> {
  const zstd = instantiate(module)
  const context = zstd.ZSTD_createDCtx()
  const inputBytes = zstd.ZSTD_DStreamInSize()
  const outputBytes = zstd.ZSTD_DStreamOutSize()
  const [input, output] = [zstd.malloc(inputBytes), zstd.malloc(outputBytes)]
  const [source, target] = [zstd.malloc(BUFFER_BYTES), zstd.malloc(BUFFER_BYTES)]
  const chunks: Uint8Array[] = []
  let byteCount = 0
  let isAtEnd = true

  /** Reads what is in the input, and returns false once there is enough. */
  const decompress = (lengthBytes: number): boolean => {
    write(zstd, source, [input, lengthBytes, 0])
    for (;;) {
      write(zstd, target, [output, outputBytes, 0])
      const result = zstd.ZSTD_decompressStream(context, target, source)
      if (result < 0) throw new Error(`zstd reports the error ${-result}`)
      const written = readPosition(zstd, target)
      chunks.push(new Uint8Array(zstd.memory.buffer, output, written).slice())
      byteCount += written
      isAtEnd = result === 0
      if (byteCount > maxBytes) return false
      // A full output may leave more inside of zstd.
      if (readPosition(zstd, source) === lengthBytes && written < outputBytes) return true
    }
  }

  for await (const piece of pieces)
    for (let at = 0; at < piece.length; at += inputBytes) {
      const part = piece.subarray(at, at + inputBytes)
      new Uint8Array(zstd.memory.buffer).set(part, input)
      if (!decompress(part.length)) return { bytes: join(chunks, byteCount).subarray(0, maxBytes), isWhole: false }
    }
  if (!isAtEnd) throw new Error('the bytes end in the middle of a frame')
  return { bytes: join(chunks, byteCount), isWhole: true }
}

function write({ memory }: ZstdStream, address: number, values: readonly number[]): void {
  const view = new DataView(memory.buffer)
  values.forEach((value, i) => view.setUint32(address + 4 * i, value, true))
}

function readPosition({ memory }: ZstdStream, address: number): number {
  return new DataView(memory.buffer).getUint32(address + 8, true)
}

function join(chunks: readonly Uint8Array[], byteCount: number): Uint8Array {
  const bytes = new Uint8Array(byteCount)
  let at = 0
  for (const chunk of chunks) {
    bytes.set(chunk, at)
    at += chunk.length
  }
  return bytes
}

function instantiate(module: WebAssembly.Module): ZstdStream {
  const imports = { env: { emscripten_notify_memory_growth: () => undefined } }
  return new WebAssembly.Instance(module, imports).exports as ZstdStream
}
