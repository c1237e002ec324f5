import 'server-only'
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { AppError } from '@/lib/errors'
import type { Config } from '@/server/config/config'
import type { Services } from '@/server/services'
import { isInternalFile, internalFolder } from '@/server/storage/internal-files'
import type { Stores } from '@/server/storage/stores'

/** Where the rows are listed that a run left out: in the warehouse, so that it does not matter which worker ran it. */
export function rejectsLocation(config: Config, runId: string): string {
  return `${internalFolder(config)}/rejects/${runId}.ndjson`
}

/** Moves the list there, in place of that of an earlier try; nothing where there is none. */
export async function storeRejects(stores: Stores, file: string, location: string): Promise<void> {
  if (!existsSync(file)) return
  const store = stores.warehouseStore()
  await store.remove(location)
  await store.importFile(file, location)
}

/**
 * @param location as a run names it: a location, or a path of this machine in runs of before
 * @throws {AppError} file-missing
 */
export async function readRejects(services: Pick<Services, 'config' | 'stores'>, location: string): Promise<string> {
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

/** 10,000 rows, each with a value of 1,000 characters and what is said of it. */
const MAX_REJECTS_BYTES = 256 * 1024 * 1024

function missingListError(file: string, cause?: unknown): AppError {
  return new AppError('file-missing', `The list ${file} of rows that were left out cannot be read here.`, { cause })
}
