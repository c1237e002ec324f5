import 'server-only'
import { randomBytes } from 'node:crypto'
import { type ObjectRef, type RemoteClient, textOf } from '../remote/client'
import { Refusal } from '../remote/refusal'
import type { Source } from '../remote/source'
import { holds, LARGEST_WHOLE_BYTES, lengthOf, PART_BYTES, partsOf, sentParts, type Uploader } from '../remote/upload'
import { AZURE } from './azure-errors'
import { blockListBody } from './azure-xml'

/**
 * Writes whole new blobs and never replaces one: `If-None-Match: *` makes Azure refuse where the name is taken. Blocks
 * that never became a blob are dropped by Azure after a week; there is nothing to give up.
 *
 * A refusal may be of our own earlier try whose answer was lost. The blob is then compared with what was sent.
 */

const MOST_BLOCKS = 50_000 // Azure Storage REST, *Put Block*
const WHERE_FREE = { 'if-none-match': '*' }

/** @param partBytes of all blocks but the last */
export function uploader(
  client: RemoteClient,
  partBytes = PART_BYTES,
  largestWholeBytes = LARGEST_WHOLE_BYTES,
): Uploader {
  async function whereFree(object: ObjectRef, source: Source, write: () => Promise<unknown>): Promise<void> {
    try {
      await write()
    } catch (error) {
      // The blocks of all who were writing a blob are gone once one of them made it.
      const isWithoutBlocks = error instanceof Refusal && error.code === 'InvalidBlockList'
      const isTaken = error instanceof Refusal && AZURE.meaningOf(error)?.code === 'already-exists'
      if (!isTaken && !isWithoutBlocks) throw error
      if (error.isAfterUnknown && (await holds(client, object, source))) return
      throw isWithoutBlocks && (await lengthOf(client, object)) !== null ? new Refusal(409, 'BlobAlreadyExists') : error
    }
  }

  function put(object: ObjectRef, query: Readonly<Record<string, string>>, headers: Readonly<Record<string, string>>) {
    return (body: Uint8Array, signal?: AbortSignal) =>
      client.send({ method: 'PUT', object, query, headers, body, signal }, (answer) => textOf(client, answer))
  }

  async function putWhole(object: ObjectRef, source: Source): Promise<void> {
    const body = await source.read(0, source.sizeBytes)
    const headers = { ...WHERE_FREE, 'x-ms-blob-type': 'BlockBlob' }
    await whereFree(object, source, () => put(object, {}, headers)(body))
  }

  async function putInBlocks(object: ObjectRef, source: Source): Promise<void> {
    // Ids of one blob's blocks are of one length; other writers of the name have others.
    const upload = randomBytes(16).toString('hex')
    const parts = partsOf(source.sizeBytes, partBytes, MOST_BLOCKS)
    const ids = await sentParts(parts, source, async ({ index }, body, signal) => {
      const blockid = Buffer.from(`${upload}-${String(index).padStart(6, '0')}`).toString('base64')
      await put(object, { comp: 'block', blockid }, {})(body, signal)
      return blockid
    })
    const body = new TextEncoder().encode(blockListBody(ids))
    await whereFree(object, source, () => put(object, { comp: 'blocklist' }, WHERE_FREE)(body))
  }

  return (object, source) =>
    source.sizeBytes <= largestWholeBytes ? putWhole(object, source) : putInBlocks(object, source)
}
