import type { PreviousUpload, UrlStorage } from 'tus-js-client'
import { joinNamespace, type TableIdentifier } from '@/lib/names/identifiers'
import { createStoredList } from '../stored-list'
import { digestBytes, readFileBytes } from './file-digest'

/**
 * The addresses of the uploads that a user began in this browser, in its local storage. When the user chooses the same
 * file for the same table after a reload, its upload continues.
 */

type StoredUpload = { fingerprint: string; uploadUrl: string; sizeBytes: number; begunAtMs: number }

/** The oldest make room: the server has removed most of them by then. */
const MAX_STORED = 1_000
const KEY_PREFIX = 'lakeshore.uploads.'

const stored = createStoredList<StoredUpload>((value) => {
  if (typeof value !== 'object' || value === null) return null
  const { fingerprint, uploadUrl, sizeBytes, begunAtMs }: Partial<Record<keyof StoredUpload, unknown>> = value
  if (typeof fingerprint !== 'string' || typeof uploadUrl !== 'string') return null
  if (typeof sizeBytes !== 'number' || typeof begunAtMs !== 'number') return null
  return { fingerprint, uploadUrl, sizeBytes, begunAtMs }
})

/** A changed file mostly differs here, and a large one would take long to read. */
const EDGE_BYTES = 64 * 1024

/**
 * Identifies a file when it is chosen again: browsers do not give its path. Its first and last bytes count, because some
 * programs write a file without another time.
 *
 * @throws {AppError} file-damaged
 */
export async function fingerprintFile(file: File, { catalog, namespace, table }: TableIdentifier): Promise<string> {
  const edges = [
    await readFileBytes(file, 0, EDGE_BYTES),
    await readFileBytes(file, Math.max(0, file.size - EDGE_BYTES), file.size),
  ]
  const digests = await Promise.all(edges.map(digestBytes))
  return JSON.stringify([file.name, file.size, file.lastModified, ...digests, catalog, joinNamespace(namespace), table])
}

/** The storage of a user, as the library of tus uses it. */
export function storedUploads(userId: string): UrlStorage {
  const key = KEY_PREFIX + userId
  const toPrevious = ({ uploadUrl, sizeBytes, begunAtMs }: StoredUpload): PreviousUpload => ({
    size: sizeBytes,
    metadata: {},
    creationTime: new Date(begunAtMs).toISOString(),
    urlStorageKey: uploadUrl,
    uploadUrl,
    parallelUploadUrls: null,
  })
  const without = (uploadUrl: string) => stored.read(key).filter((upload) => upload.uploadUrl !== uploadUrl)
  return {
    findAllUploads: async () => stored.read(key).map(toPrevious),
    findUploadsByFingerprint: async (fingerprint) =>
      stored
        .read(key)
        .filter((upload) => upload.fingerprint === fingerprint)
        .map(toPrevious),
    async removeUpload(uploadUrl) {
      stored.write(key, without(uploadUrl))
    },
    async addUpload(fingerprint, { uploadUrl, size }) {
      if (uploadUrl === null) return ''
      const added = { fingerprint, uploadUrl, sizeBytes: size ?? 0, begunAtMs: Date.now() }
      stored.write(key, [...without(uploadUrl), added].slice(-MAX_STORED))
      return uploadUrl
    },
  }
}

/**
 * Whether this browser can go on with an upload: its user began it here, and has not signed out since.
 *
 * @param userId null while it is not known
 */
export function useCanResume(userId: string | null): (uploadId: string) => boolean {
  const begun = stored.useItems(userId === null ? null : KEY_PREFIX + userId)
  return (uploadId) => begun.some(({ uploadUrl }) => isOf(uploadUrl, uploadId))
}

function isOf(uploadUrl: string, uploadId: string): boolean {
  return uploadUrl.endsWith(`/${encodeURIComponent(uploadId)}`)
}

/** The same file, chosen again, becomes another upload. */
export function forgetStoredUpload(userId: string, uploadId: string): void {
  const key = KEY_PREFIX + userId
  stored.write(
    key,
    stored.read(key).filter(({ uploadUrl }) => !isOf(uploadUrl, uploadId)),
  )
}

/** Names of files and tables stay in this browser no longer than its user is signed in. */
export function clearStoredUploads(userId: string): void {
  stored.write(KEY_PREFIX + userId, [])
}
