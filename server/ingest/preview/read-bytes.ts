import 'server-only'
import { open } from 'node:fs/promises'

/** The beginning or the end of a file; fewer bytes for a shorter one. */
export async function readBytes(
  file: string,
  { sizeBytes, fromEnd = false }: { sizeBytes: number; fromEnd?: boolean },
): Promise<Uint8Array> {
  const handle = await open(file, 'r')
  try {
    const { size } = await handle.stat()
    const bytes = new Uint8Array(Math.min(size, sizeBytes))
    const { bytesRead } = await handle.read(bytes, 0, bytes.length, fromEnd ? size - bytes.length : 0)
    return bytes.subarray(0, bytesRead)
  } finally {
    await handle.close()
  }
}
