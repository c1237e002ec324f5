import 'server-only'
import { existsSync } from 'node:fs'
import { appendFile, readFile } from 'node:fs/promises'
import { AppError } from '@/lib/errors'
import type { Config } from '@/server/config/config'
import type { LakeServices } from '@/server/catalog/lake-services'
import { MAX_REJECTS_WRITTEN } from '../../input/rejects'
import { isInternalFile, rejectsFolder } from '@/server/storage/internal-files'
import type { Stores } from '@/server/storage/stores'

/** Where a run lists its rejected rows: in the warehouse, so that it does not matter which worker executed it. */
export function rejectsLocation(config: Config, runId: string): string {
  return `${rejectsFolder(config)}/${runId}.ndjson`
}

/** The rejects of all files of a load, as NDJSON with the name of the file. */
export class RejectList {
  readonly file: string
  #count = 0

  constructor(file: string) {
    this.file = file
  }

  /** How many values it lists. */
  get count(): number {
    return this.#count
  }

  /** Takes the rejects of one file; beyond 10,000 altogether they are only counted by the run. */
  async add(name: string, list: string): Promise<void> {
    if (!existsSync(list)) return
    const lines = (await readFile(list, 'utf8')).split('\n').filter((line) => line !== '')
    const added = lines.slice(0, MAX_REJECTS_WRITTEN - this.#count)
    this.#count += added.length
    const named = added.map((line) => `${JSON.stringify({ file: name, ...JSON.parse(line) })}\n`)
    await appendFile(this.file, named.join(''), { mode: 0o600 })
  }
}

/** Moves the list there, replacing that of an earlier attempt; does nothing without a list. */
export async function storeRejects(stores: Stores, file: string, location: string): Promise<void> {
  if (!existsSync(file)) return
  const store = stores.warehouseStore()
  await store.remove(location)
  await store.importFile(file, location)
}

/**
 * @param location as a run names it: a location, or a local path in older runs
 * @throws {AppError} file-missing
 */
export async function readRejects(
  services: Pick<LakeServices, 'config' | 'stores'>,
  location: string,
): Promise<string> {
  if (isInternalFile(services.config, location))
    return new TextDecoder().decode(
      await services.stores.warehouseStore().read(location, { maxBytes: MAX_REJECTS_BYTES }),
    )
  if (!location.startsWith('/')) throw missingListError(location)
  try {
    return await readFile(location, 'utf8')
  } catch (cause) {
    throw missingListError(location, cause)
  }
}

/** 10,000 rows, each with a value of 1,000 characters and its reason. */
const MAX_REJECTS_BYTES = 256 * 1024 * 1024

function missingListError(file: string, cause?: unknown): AppError {
  return new AppError('file-missing', `The list ${file} of rejected rows cannot be read here.`, { cause })
}
