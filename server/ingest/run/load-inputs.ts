import 'server-only'
import { stat } from 'node:fs/promises'
import path from 'node:path'
import { AppError } from '@/lib/errors'
import { readPathValues, readUrlPathValues } from '../input/path-values'
import type { LakeServices } from '@/server/catalog/lake-services'
import { hasErrorCode } from '@/server/error-code'
import { readUpload } from '@/server/db/uploads/uploads'
import type { FileVersion } from '@/server/storage/object-store'
import { streamUpload } from '@/server/uploads/stream-upload'
import { copyInput, type CopyTarget, type InputFile, localInputPath } from '../input/input-file'
import { LocatedFile } from '../input/located-file'
import { copyLocationFile } from '../input/location-input'
import { UrlFile } from '../input/url-input'
import type { IngestSpec, LocatedInput, UploadedInput, UrlInput } from './ingest-spec'
import { type LocationSource, resolveSources } from './location-sources'

/** One file of a load, before it is on this machine. */
export type LoadInput = {
  /** The name that the user gave it. */
  name: string
  pathValues: ReadonlyMap<string, string | null>
  /** Null where it is not known before the file is opened. */
  sizeBytes: number | null
  /** For a file of a load location, the one that is loaded. */
  located?: LocatedVersion
  /**
   * Files of stores and of load locations are copied into the folder.
   *
   * @throws {AppError} file-missing, file-damaged, location-refused; storage-full when a copy does not fit on the disk;
   *   invalid-request for an upload that is not complete
   */
  open(target: CopyTarget): Promise<InputFile>
  /**
   * Does the work with the opened file. Absent for one that is copied, and which no other program writes.
   *
   * @throws {AppError} file-damaged when the file changed before the work was done
   */
  whileUnchanged?<Result>(work: () => Promise<Result>, signal: AbortSignal): Promise<Result>
}

/** A version of a file of a load location. */
export type LocatedVersion = { location: string; path: string; version: FileVersion }

type InputServices = Pick<LakeServices, 'config' | 'database' | 'stores'>

/**
 * The files of a load, in the order in which it reads them. Files of load locations are those that are there now: called
 * again, it may return others.
 *
 * @param options.userId of the user who started the load
 * @throws {AppError} not-found for an upload that was removed or has expired; and what {@link resolveSources} throws
 */
export async function listInputs(
  services: InputServices,
  spec: Pick<IngestSpec, 'input' | 'uploadedBy'>,
  { userId, signal }: { userId: string; signal: AbortSignal },
): Promise<LoadInput[]> {
  const { input, uploadedBy = userId } = spec
  const sources = await resolveSources(services, input, signal)
  const names = nameLocations(sources.flatMap(locationsOf))
  const inputs: LoadInput[] = []
  for (const source of sources)
    if ('uploadId' in source) inputs.push(await findUploadedInput(services, source, uploadedBy))
    else if ('url' in source) inputs.push(toUrlInput(services, source))
    else inputs.push(await toLocatedInput(services, source, names))
  return inputs
}

function toUrlInput(services: InputServices, { url, version }: UrlInput): LoadInput {
  const file = new UrlFile(services, url, version ?? null)
  const pathValues = readUrlPathValues(new URL(url))
  return { name: file.name, pathValues, sizeBytes: null, open: (options) => file.copy(options) }
}

/** The location of a file, with that of a load location under its name. */
function locationsOf(source: LocationSource | LocatedInput | UploadedInput | UrlInput): string[] {
  if ('uploadId' in source || 'url' in source) return []
  return ['files' in source ? `${source.files.name}/${source.path}` : source.location]
}

/**
 * The names of files by their locations: the last part, or the path below the folder that they share if two files would
 * have the same name.
 */
export function nameLocations(locations: readonly string[]): ReadonlyMap<string, string> {
  const names = locations.map((location) => path.basename(location))
  if (new Set(names).size === names.length) return new Map(locations.map((location, i) => [location, names[i] ?? '']))
  const sharedChars = commonFolder(locations).length
  return new Map(locations.map((location) => [location, location.slice(sharedChars)]))
}

/** With the slash at its end. */
function commonFolder([first = '', ...others]: readonly string[]): string {
  let folder = first.slice(0, first.lastIndexOf('/') + 1)
  for (const other of others)
    while (!other.startsWith(folder)) folder = folder.slice(0, folder.lastIndexOf('/', folder.length - 2) + 1)
  return folder
}

/** An error that says which one of many files it is about. */
export function nameInput(error: unknown, name: string): unknown {
  if (!(error instanceof AppError)) return error
  return new AppError(error.code, `${name}: ${error.message}`, { cause: error, facts: { ...error.facts, file: name } })
}

async function toLocatedInput(
  { stores }: InputServices,
  source: LocationSource | LocatedInput,
  names: ReadonlyMap<string, string>,
): Promise<LoadInput> {
  const [location = ''] = locationsOf(source)
  const name = names.get(location) ?? location
  if ('files' in source)
    return {
      name,
      pathValues: readPathValues(source.path),
      sizeBytes: source.version.sizeBytes,
      located: { location: source.files.name, path: source.path, version: source.version },
      open: (options) => copyLocationFile(source, options),
    }
  const file = new LocatedFile(stores, source.location, name)
  return {
    name,
    pathValues: readPathValues(source.location),
    sizeBytes: await localSize(source.location),
    open: (options) => file.open(options),
    whileUnchanged: (work, signal) => file.whileUnchanged(work, signal),
  }
}

/** Null for a file of a store, and for one that is missing, which is said when it is opened. */
async function localSize(location: string): Promise<number | null> {
  const file = localInputPath(location)
  if (file === null) return null
  try {
    return (await stat(file)).size
  } catch (error) {
    if (hasErrorCode(error, 'ENOENT', 'ENOTDIR')) return null
    throw error
  }
}

async function findUploadedInput(
  services: InputServices,
  { uploadId, name: uploadedName }: UploadedInput,
  userId: string,
): Promise<LoadInput> {
  const upload = await readUpload(services.database, { uploadId, userId })
  if (upload === null)
    throw new AppError(
      'not-found',
      `${uploadedName} is no longer uploaded: it has expired, was loaded or was removed. Nothing was loaded. Upload it again.`,
      { facts: { file: uploadedName } },
    )
  const { fileName: name, sizeBytes, receivedBytes } = upload
  return {
    name,
    pathValues: new Map(),
    sizeBytes,
    async open(target) {
      if (receivedBytes < sizeBytes)
        throw new AppError('invalid-request', `${name} is still being uploaded. Nothing was loaded.`, {
          facts: { sizeBytes, receivedBytes },
        })
      return copyInput({ name, sizeBytes, ...target }, async () => streamUpload(services, upload, target.signal))
    },
  }
}
