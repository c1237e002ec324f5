import 'server-only'
import { AppError } from '@/lib/errors'
import type { ObjectStore } from '@/server/storage/object-store'

/**
 * Finds the newest metadata file of a table's folder, for tables without a catalog: the version that
 * `version-hint.text` names, or later ones that directly follow it (spec, *File System Tables*; Java's
 * `HadoopTableOperations`). Without a usable hint it is the file with the highest number.
 */

const METADATA_FILE = /\.metadata\.json(\.gz)?$/
/** `v5.metadata.json` of file system tables, `00005-<uuid>.metadata.json` of catalogs. */
const NUMBERED = /^(?:v(\d{1,15})(?:\.gz)?|(\d{1,15})-[^/]*)\.metadata\.json(?:\.gz)?$/
const MAX_NAMES = 100_000
const MAX_HINT_BYTES = 1_000
const VERSION_HINT = 'version-hint.text'

type NumberedFile = { name: string; number: number; isVersion: boolean }

/**
 * @param location a metadata file, which is returned unchanged, or a table's folder
 * @throws {AppError} file-missing without any, file-damaged when two could be the newest
 */
export async function findNewestMetadata(
  store: ObjectStore,
  location: string,
  options: { signal?: AbortSignal } = {},
): Promise<string> {
  if (METADATA_FILE.test(location)) return location
  const folder = `${location.replace(/\/+$/, '')}/metadata`
  const names = await store.listNames(folder, { limit: MAX_NAMES, ...options })
  const numbered = names.flatMap(parseNumberedName)
  const hint = names.includes(VERSION_HINT)
    ? await store.read(`${folder}/${VERSION_HINT}`, { maxBytes: MAX_HINT_BYTES, ...options })
    : null
  const newest = newestFromHint(numbered, hint && textOf(hint)) ?? newestByNumber(numbered, folder)
  return `${folder}/${newest.name}`
}

function textOf(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes).trim()
}

/** A writer writes the next version before it updates the hint, so versions that directly follow the hint count too. */
function newestFromHint(numbered: readonly NumberedFile[], hint: string | null): NumberedFile | null {
  if (hint === null || !/^\d{1,15}$/.test(hint)) return null
  const versions = new Map(numbered.filter(({ isVersion }) => isVersion).map((file) => [file.number, file]))
  let number = Number(hint)
  while (versions.has(number + 1)) number += 1
  return versions.get(number) ?? null
}

function newestByNumber(numbered: readonly NumberedFile[], folder: string): NumberedFile {
  const maxNumber = Math.max(...numbered.map(({ number }) => number))
  const [newest, duplicate] = numbered.filter(({ number }) => number === maxNumber)
  if (!newest)
    throw new AppError('file-missing', 'There is no metadata file in this folder.', { facts: { location: folder } })
  if (duplicate) {
    throw new AppError(
      'file-damaged',
      `${newest.name} and ${duplicate.name} could both be the newest. Enter the location of the metadata file itself.`,
      { facts: { location: folder } },
    )
  }
  return newest
}

function parseNumberedName(name: string): NumberedFile[] {
  const [, version, sequence] = NUMBERED.exec(name) ?? []
  const number = version ?? sequence
  return number === undefined ? [] : [{ name, number: Number(number), isVersion: version !== undefined }]
}
