import 'server-only'
import { createReadStream, createWriteStream, existsSync } from 'node:fs'
import { copyFile, open, stat } from 'node:fs/promises'
import { pipeline } from 'node:stream/promises'
import { AppError } from '@/lib/errors'
import type { LakeServices } from '@/server/catalog/lake-services'
import type { Config } from '@/server/config/config'
import type { Run } from '@/server/db/jobs/runs'
import { rejectsFolder } from '@/server/storage/internal-files'
import type { ByteRange } from '@/server/storage/object-store'
import type { Stores } from '@/server/storage/stores'
import { MAX_SAVED_BYTES, type SavedRecords } from '../../stage-request'

/** Where a run stores the records that it rejected, as they came: in the warehouse, like the list of rejects. */
export function recordsLocation(config: Config, runId: string): string {
  return `${rejectsFolder(config)}/${runId}.records`
}

/**
 * The rejected records of all files of a load in one file, so that it can be corrected and loaded with the same options:
 * those of files with the head of the first one, such as the header of CSV, up to 64 MiB.
 */
export class RejectedRecordsFile {
  readonly #path: string
  #head: Buffer | null = null
  #recordCount = 0

  constructor(path: string) {
    this.#path = path
  }

  /** The records of some files may be missing: the run counts all rejected rows. */
  get recordCount(): number {
    return this.#recordCount
  }

  /** Takes the rejected records of one file completely or not at all. */
  async add(path: string, { recordCount, headBytes }: SavedRecords): Promise<void> {
    if (recordCount === 0) return
    const head = await readHead(path, headBytes)
    if (this.#head === null) {
      await copyFile(path, this.#path)
      this.#head = head
    } else {
      if (!head.equals(this.#head) || (await this.#sizeWith(path, headBytes)) > MAX_SAVED_BYTES) return
      await pipeline(createReadStream(path, { start: headBytes }), createWriteStream(this.#path, { flags: 'a' }))
    }
    this.#recordCount += recordCount
  }

  /** Moves the records there, replacing those of an earlier attempt; does nothing without records. */
  async store(stores: Stores, location: string): Promise<void> {
    if (!existsSync(this.#path)) return
    const store = stores.warehouseStore()
    await store.remove(location)
    await store.importFile(this.#path, location)
  }

  async #sizeWith(path: string, headBytes: number): Promise<number> {
    const [own, added] = [await stat(this.#path), await stat(path)]
    return own.size + added.size - headBytes
  }
}

async function readHead(path: string, headBytes: number): Promise<Buffer> {
  const file = await open(path)
  try {
    const head = Buffer.alloc(headBytes)
    const { bytesRead } = await file.read(head, 0, headBytes, 0)
    if (bytesRead !== headBytes) throw new Error(`${path} has ${bytesRead} of ${headBytes} bytes of its head`)
    return head
  } finally {
    await file.close()
  }
}

/**
 * Finds the rejected records of a load in the store of the warehouse.
 *
 * @throws {AppError} not-found for a run that saved none; file-missing
 */
export async function findRejectedRecords(
  { config, stores }: Pick<LakeServices, 'config' | 'stores'>,
  { id, outcome }: Pick<Run, 'id' | 'outcome'>,
  signal: AbortSignal,
): Promise<{ sizeBytes: number; open(range: ByteRange): Promise<ReadableStream<Uint8Array>> }> {
  if (!outcome?.['recordsSaved']) throw new AppError('not-found', `The run ${id} saved no rejected rows.`)
  const store = stores.warehouseStore()
  const location = recordsLocation(config, id)
  return {
    sizeBytes: await store.sizeBytes(location, { signal }),
    open: (range) => store.stream(location, { range, signal }),
  }
}
