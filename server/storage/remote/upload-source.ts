import 'server-only'
import { open, type FileHandle } from 'node:fs/promises'

/** The data of an upload, which is read in parts; a part may be read again. */
export type UploadSource = {
  sizeBytes: number
  read(start: number, end: number): Promise<Uint8Array>
}

export function bytesSource(bytes: Uint8Array): UploadSource {
  return { sizeBytes: bytes.length, read: async (start, end) => bytes.subarray(start, end) }
}

/** Runs work with a finished local file, which must not change in the meantime. */
export async function withFileSource<Result>(
  localPath: string,
  work: (source: UploadSource) => Promise<Result>,
): Promise<Result> {
  const file = await open(localPath, 'r')
  try {
    const { size } = await file.stat()
    return await work({ sizeBytes: size, read: (start, end) => readPart(file, start, end) })
  } finally {
    await file.close()
  }
}

async function readPart(file: FileHandle, start: number, end: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(end - start)
  let filled = 0
  while (filled < bytes.length) {
    const { bytesRead } = await file.read(bytes, filled, bytes.length - filled, start + filled)
    if (bytesRead === 0) throw new Error('A file that is being uploaded became shorter.')
    filled += bytesRead
  }
  return bytes
}
