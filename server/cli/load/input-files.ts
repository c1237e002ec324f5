import 'server-only'
import { stat } from 'node:fs/promises'
import path from 'node:path'
import { MAX_LOADED_FILES } from '@/lib/contract/shapes/load-options'
import { AppError } from '@/lib/errors'
import { hasErrorCode } from '@/server/error-code'
import {
  inputName,
  type LocatedInput,
  type LocationFile,
  type LocationPattern,
  toFileLocation,
  type UploadedInput,
  type UrlInput,
} from '@/server/ingest/run/ingest-spec'
import { requireNamedFiles } from '@/server/ingest/run/location-sources'
import type { Services } from '@/server/services'
import type { ObjectStore } from '@/server/storage/object-store'
import { UsageError } from '../verb'
import type { GivenInput, PipeInput } from './given-inputs'

/** An input that the command line names. */
export type CommandLineInput = LocatedInput | UploadedInput | LocationFile | LocationPattern | UrlInput

export type FoundInput = CommandLineInput | PipeInput

export const PIPE_NAME = 'stdin'

type InputServices = Pick<Services, 'config' | 'stores'>

/** Folders below a given one; more are probably not meant to be loaded. */
const MAX_FOLDERS = 10_000
const PAGE_ENTRIES = 1_000
const LOCATION_PATTERN = /^[a-z][a-z0-9+.-]*:\/\//i

/**
 * The inputs of a load, in the order in which they are given; standard input is not read yet. A folder stands for all files below it, in the order of
 * their paths, without hidden files and links. Files of load locations are looked for when the run starts.
 *
 * @param given files as paths on this machine, `file:///…`, or locations in the store of the warehouse; those of folders
 *   there end in a slash
 * @throws {UsageError} for a file that is given twice, and for more files than one load has
 * @throws {AppError} invalid-request for a file that workers on other machines cannot see; file-missing for a folder
 *   without files; location-refused; not-found for a load location
 */
export async function findInputs(
  services: InputServices,
  given: readonly GivenInput[],
  signal: AbortSignal,
): Promise<FoundInput[]> {
  const inputs = new Map<string, FoundInput>()
  for (const input of given) {
    if (!('file' in input || 'isPipe' in input)) requireNamedFiles(services.config, input)
    const found =
      'file' in input ? (await findFiles(services, input.file, signal)).map((location) => ({ location })) : [input]
    for (const source of found) {
      const key = keyOf(source)
      if (inputs.has(key)) throw new UsageError(`${foundName(source)} is given twice`)
      inputs.set(key, source)
      if (inputs.size > MAX_LOADED_FILES) throw tooManyFilesError()
    }
  }
  return [...inputs.values()]
}

/** The name of an input, which for standard input is that of its upload. */
export function foundName(source: FoundInput): string {
  return 'isPipe' in source ? PIPE_NAME : inputName(source)
}

function keyOf(source: FoundInput): string {
  if ('location' in source) return source.location
  return 'url' in source ? source.url : foundName(source)
}

async function findFiles(services: InputServices, text: string, signal: AbortSignal): Promise<readonly string[]> {
  const { stores, config } = services
  const isLocal = !LOCATION_PATTERN.test(text) || text.startsWith('file:///')
  if (!isLocal) {
    const store = stores.catalogStore(config.catalogName)
    store.checkLocation(text)
    return text.endsWith('/') ? listFiles(store, text.replace(/\/+$/, ''), signal) : [text]
  }
  const file = path.resolve(text.replace(/^file:\/\//, ''))
  if (!config.hasSharedFiles) throw localFileError(config, file)
  const location = toFileLocation(file)
  if (!(await isFolder(file))) return [location]
  return listFiles(stores.storeFor({ kind: 'local', roots: [location] }), location, signal)
}

/** A missing file is not a folder; the run reports it. */
async function isFolder(file: string): Promise<boolean> {
  try {
    return (await stat(file)).isDirectory()
  } catch (error) {
    if (hasErrorCode(error, 'ENOENT') || hasErrorCode(error, 'ENOTDIR')) return false
    throw error
  }
}

/** @throws {AppError} file-missing when there is no file */
async function listFiles(store: ObjectStore, folder: string, signal: AbortSignal): Promise<string[]> {
  const files: string[] = []
  const folders = [folder]
  for (const current of folders) {
    let pageToken: string | null = null
    do {
      const page = await store.listFolder(current, { limit: PAGE_ENTRIES, pageToken, signal })
      files.push(...page.files.flatMap(({ name }) => (isHidden(name) ? [] : [`${current}/${name}`])))
      folders.push(...page.folders.flatMap((name) => (isHidden(name) ? [] : [`${current}/${name}`])))
      if (files.length > MAX_LOADED_FILES) throw tooManyFilesError()
      if (folders.length > MAX_FOLDERS)
        throw new UsageError(`${folder} has more than ${MAX_FOLDERS} folders: give the files or folders one by one`)
      pageToken = page.nextPageToken
    } while (pageToken !== null)
  }
  if (files.length === 0)
    throw new AppError('file-missing', `There are no files in ${folder}. Nothing was loaded.`, { facts: { folder } })
  return files.toSorted()
}

/** Engines write such files next to data: `_SUCCESS`, `.part-0.crc`. */
function isHidden(name: string): boolean {
  return /^[._]/.test(name)
}

function tooManyFilesError(): UsageError {
  return new UsageError(`a load has at most ${MAX_LOADED_FILES} files: load them in parts`)
}

function localFileError({ warehouse }: Services['config'], file: string): AppError {
  return new AppError(
    'invalid-request',
    `${file} is a file on this machine, and the worker may run on another. Nothing was queued. Put the file into the ` +
      `warehouse and give its location, such as --file ${warehouse}/inbox/${path.basename(file)}, or set ` +
      'LAKESHORE_SHARED_FILES=true if every machine sees it at this path.',
  )
}
