import { murmur3 } from './murmur3'

/**
 * Paths that begin with a hash, for tables with `write.object-storage.enabled`: folders of the hash, then the path. They
 * are those of the reference implementation's `ObjectStoreLocationProvider`.
 */

const HASH_BITS = 20
const FOLDER_BITS = 4
const FOLDER_COUNT = 3

/**
 * The lowest bits of the hash of a path: three folders of four binary digits, and the others.
 *
 * @example hashFolders('a') // '0101/0110/1001/10110010'
 */
export function hashFolders(path: string): string {
  const hash = murmur3(new TextEncoder().encode(path)) & ((1 << HASH_BITS) - 1)
  const digits = hash.toString(2).padStart(HASH_BITS, '0')
  const folders = Array.from({ length: FOLDER_COUNT }, (_, i) => digits.slice(i * FOLDER_BITS, (i + 1) * FOLDER_BITS))
  return [...folders, digits.slice(FOLDER_COUNT * FOLDER_BITS)].join('/')
}

/** The end of the hash, with which the names of files begin if their paths have no partitions. */
const HASH_OF_NAME = /^[01]{8}-/

/** The name that a writer gave to a file, without a hash in front of it. */
export function nameWithoutHash(fileName: string): string {
  return fileName.replace(HASH_OF_NAME, '')
}
