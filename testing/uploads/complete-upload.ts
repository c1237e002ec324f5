import type { TableIdentifier } from '@/lib/names/identifiers'
import { actorFor } from '@/server/auth/actor'
import type { Upload } from '@/server/db/uploads/uploads'
import type { Services } from '@/server/services'
import { appendBytes } from '@/server/uploads/append-bytes'
import { PartMemory } from '@/server/uploads/part-memory'
import { createUpload } from '@/server/uploads/create-upload'

/** Uploads a text for a table, as the page of this user does. With `receivedText` only that much of it arrives. */
export async function uploadText(
  services: Services,
  { userId, username }: { userId: string; username: string },
  {
    target,
    fileName,
    text,
    receivedText = text,
  }: { target: TableIdentifier; fileName: string; text: string; receivedText?: string },
): Promise<Upload> {
  const actor = actorFor({ userId, username, role: 'editor' })
  const created = await createUpload(services, actor, { target, fileName, sizeBytes: Buffer.byteLength(text) })
  async function* body() {
    yield Buffer.from(receivedText)
  }
  return appendBytes(services, created, body(), {
    checksum: null,
    memory: new PartMemory(),
    requireWriter: async () => {},
  })
}
