import 'server-only'
import { randomBytes } from 'node:crypto'
import { type ObjectIdentifier, type RemoteClient, readText } from '../remote/client'
import { Refusal } from '../remote/refusal'
import type { UploadSource } from '../remote/upload-source'
import {
  hasSameBytes,
  MAX_SINGLE_UPLOAD_BYTES,
  readLength,
  PART_BYTES,
  splitParts,
  sendParts,
  type Uploader,
} from '../remote/upload'
import { AZURE } from './azure-errors'
import { blockListBody } from './azure-xml'

/**
 * Writes complete new blobs and never replaces one: `If-None-Match: *` makes Azure refuse when the name is taken. Azure
 * drops blocks that never became a blob after a week, so nothing has to be aborted.
 *
 * An error can be caused by an earlier attempt of ours whose answer was lost. The blob is then compared with what was
 * sent.
 */

const MAX_BLOCKS = 50_000 // Azure Storage REST, *Put Block*
const IF_ABSENT = { 'if-none-match': '*' }

/** @param partBytes size of all blocks but the last */
export function uploader(
  client: RemoteClient,
  partBytes = PART_BYTES,
  maxSingleUploadBytes = MAX_SINGLE_UPLOAD_BYTES,
): Uploader {
  async function writeIfAbsent(
    object: ObjectIdentifier,
    source: UploadSource,
    write: () => Promise<unknown>,
  ): Promise<void> {
    try {
      await write()
    } catch (error) {
      // As soon as one writer creates the blob, Azure drops the blocks of all other writers.
      const hasLostBlocks = error instanceof Refusal && error.code === 'InvalidBlockList'
      const isTaken = error instanceof Refusal && AZURE.toFailure(error)?.code === 'already-exists'
      if (!isTaken && !hasLostBlocks) throw error
      if (error.mightHaveSucceededEarlier && (await hasSameBytes(client, object, source))) return
      throw hasLostBlocks && (await readLength(client, object)) !== null ? new Refusal(409, 'BlobAlreadyExists') : error
    }
  }

  function put(
    object: ObjectIdentifier,
    query: Readonly<Record<string, string>>,
    headers: Readonly<Record<string, string>>,
  ) {
    return (body: Uint8Array, signal?: AbortSignal) =>
      client.send({ method: 'PUT', object, query, headers, body, signal }, (response) => readText(client, response))
  }

  async function putSingle(object: ObjectIdentifier, source: UploadSource): Promise<void> {
    const body = await source.read(0, source.sizeBytes)
    const headers = { ...IF_ABSENT, 'x-ms-blob-type': 'BlockBlob' }
    await writeIfAbsent(object, source, () => put(object, {}, headers)(body))
  }

  async function putInBlocks(object: ObjectIdentifier, source: UploadSource): Promise<void> {
    // The block ids of one blob have the same length; other writers of the name use other ids.
    const upload = randomBytes(16).toString('hex')
    const parts = splitParts(source.sizeBytes, partBytes, MAX_BLOCKS)
    const ids = await sendParts(parts, source, async ({ index }, body, signal) => {
      const blockid = Buffer.from(`${upload}-${String(index).padStart(6, '0')}`).toString('base64')
      await put(object, { comp: 'block', blockid }, {})(body, signal)
      return blockid
    })
    const body = new TextEncoder().encode(blockListBody(ids))
    await writeIfAbsent(object, source, () => put(object, { comp: 'blocklist' }, IF_ABSENT)(body))
  }

  return (object, source) =>
    source.sizeBytes <= maxSingleUploadBytes ? putSingle(object, source) : putInBlocks(object, source)
}
