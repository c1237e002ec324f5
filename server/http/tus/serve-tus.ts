import 'server-only'
import { UPLOADS_PATH } from '@/lib/contract/shapes/plain-values'
import { AppError } from '@/lib/errors'
import {
  appendBytes,
  beyondSizeError,
  checksumTooLargeError,
  CHECKSUM_ALGORITHMS,
  otherByteError,
} from '@/server/uploads/append-bytes'
import { createUpload, requireUploadPermission } from '@/server/uploads/create-upload'
import { findUpload } from '@/server/uploads/find-upload'
import { removeUpload } from '@/server/uploads/remove-upload'
import { requireNotProposed } from '@/server/uploads/require-not-proposed'
import { PART_BYTES } from '@/server/uploads/upload-folder'
import type { Upload } from '@/server/db/uploads/uploads'
import type { Services } from '@/server/services'
import { type RouteContext, requestIdOf, withCommonHeaders } from '../handle-request'
import { refuseOtherMethods } from '../refusals'
import { handleTusRequest, type TusContext } from './handle-tus-request'
import {
  isChunkType,
  readChecksum,
  readUploadLength,
  readUploadMetadata,
  readUploadOffset,
  requireChunkType,
  TUS_VERSION,
} from './request-headers'

/**
 * Uploads by tus 1.0 (https://tus.io/protocols/resumable-upload) with the extensions creation, creation-with-upload,
 * termination, expiration and checksum.
 */

type Handler = (request: Request, context: RouteContext) => Response | Promise<Response>
type Handlers = Readonly<Record<'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'OPTIONS', Handler>>

const EXTENSIONS = 'creation,creation-with-upload,termination,expiration,checksum'

/** Next to the list of uploads, at its address. */
export function tusCreationHandlers(services: Services): Pick<Handlers, 'POST' | 'OPTIONS'> {
  return {
    POST: (request) =>
      handleTusRequest(services, request, 'createUpload', (context) => create(services, request, context)),
    OPTIONS: (request) => describeServer(services, request, 'GET, HEAD, POST'),
  }
}

/** At the address of an upload. */
export function tusUploadHandlers(services: Services): Handlers {
  const readOffset: Handler = (request, context) =>
    handleTusRequest(services, request, 'readUploadOffset', async ({ actor }) => {
      const upload = await findUpload(services.database, await uploadIdOf(context), actor)
      return new Response(null, {
        status: 200,
        headers: { ...stateHeaders(upload), 'upload-length': String(upload.sizeBytes), 'cache-control': 'no-store' },
      })
    })
  const append: Handler = (request, context) =>
    handleTusRequest(services, request, 'appendToUpload', async (tusContext) => {
      requireChunkType(request.headers)
      const upload = await findUpload(services.database, await uploadIdOf(context), tusContext.actor)
      tusContext.setResource(upload.target)
      requireUploadPermission(tusContext.actor, upload.target)
      const current = await receive(services, upload, request, tusContext, readUploadOffset(request.headers))
      return new Response(null, { status: 204, headers: stateHeaders(current) })
    })
  const remove: Handler = (request, context) =>
    handleTusRequest(services, request, 'removeUpload', async ({ actor }) => {
      const upload = await findUpload(services.database, await uploadIdOf(context), actor)
      await requireNotProposed(services.database, upload, 'Withdraw that one first.')
      await removeUpload(services, upload)
      return new Response(null, { status: 204 })
    })
  const methods: Record<string, Handler> = { HEAD: readOffset, PATCH: append, DELETE: remove }
  const refusals = refuseOtherMethods(services.log, 'PATCH', 'DELETE')
  return {
    ...refusals,
    HEAD: readOffset,
    PATCH: append,
    DELETE: remove,
    // For clients behind a proxy that knows fewer methods.
    POST: (request, context) =>
      (methods[request.headers.get('x-http-method-override')?.toUpperCase() ?? ''] ?? refusals.POST)(request, context),
    OPTIONS: (request) => describeServer(services, request, 'HEAD, PATCH, DELETE, POST'),
  }
}

async function create(services: Services, request: Request, context: TusContext): Promise<Response> {
  const { headers } = request
  const sizeBytes = readUploadLength(headers)
  const { fileName, target } = readUploadMetadata(headers)
  context.setResource(target)
  const upload = await createUpload(services, context.actor, { target, fileName, sizeBytes })
  const current = isChunkType(headers) ? await receiveFirst(services, upload, request, context) : upload
  return new Response(null, {
    status: 201,
    headers: { location: `${UPLOADS_PATH}/${upload.uploadId}`, ...stateHeaders(current) },
  })
}

/** Appends the body of the request that creates the upload. If that fails, the client does not learn its address. */
async function receiveFirst(
  services: Services,
  upload: Upload,
  request: Request,
  context: TusContext,
): Promise<Upload> {
  try {
    return await receive(services, upload, request, context, 0)
  } catch (error) {
    await removeUpload(services, upload)
    throw error
  }
}

/** Appends the body of the request. */
async function receive(
  services: Services,
  upload: Upload,
  request: Request,
  { session, refresh }: TusContext,
  startByte: number,
): Promise<Upload> {
  if (startByte !== upload.receivedBytes) throw otherByteError(upload, startByte)
  const checksum = readChecksum(request.headers)
  const announcedBytes = Number(request.headers.get('content-length') ?? 0)
  if (startByte + announcedBytes > upload.sizeBytes) throw beyondSizeError(upload)
  if (checksum !== null && announcedBytes > PART_BYTES) throw checksumTooLargeError()
  if (request.body === null) return upload
  const release = services.uploadStreams.acquire(session.userId)
  try {
    return await appendBytes(services, upload, request.body, {
      checksum,
      memory: services.uploadMemory,
      async requireWriter() {
        const actor = await refresh()
        if (!actor) throw new AppError('unauthenticated', 'The session ended while the file was sent.')
        requireUploadPermission(actor, upload.target)
      },
    })
  } finally {
    release()
  }
}

function describeServer({ config }: Services, request: Request, allow: string): Response {
  const response = new Response(null, {
    status: 204,
    headers: {
      allow: `${allow}, OPTIONS`,
      'tus-resumable': TUS_VERSION,
      'tus-version': TUS_VERSION,
      'tus-extension': EXTENSIONS,
      'tus-max-size': String(config.uploads.maxBytes),
      'tus-checksum-algorithm': CHECKSUM_ALGORITHMS.join(','),
    },
  })
  return withCommonHeaders(response, requestIdOf(request))
}

function stateHeaders({ receivedBytes, expiresAtMs }: Upload): Record<string, string> {
  return { 'upload-offset': String(receivedBytes), 'upload-expires': new Date(expiresAtMs).toUTCString() }
}

async function uploadIdOf({ params }: RouteContext): Promise<string> {
  return String((await params)['upload'])
}
