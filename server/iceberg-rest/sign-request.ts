import 'server-only'
import { AppError } from '@/lib/errors'
import { JsonFields } from '@/lib/iceberg/json/json-fields'
import { isSameTable } from '@/lib/names/identifiers'
import { readRequest } from '@/lib/iceberg/json/read-request'
import { isInternalFile } from '@/server/storage/internal-files'
import { requestKind, type RemoteSignRequest, signStorageRequest } from '@/server/storage/s3/sign-storage-request'
import { catalogFiles } from '@/server/catalog/catalog-files'
import { tableFolders } from '@/server/catalog/folders/table-folders'
import { bodyFields, type RestInput, tableInPath } from './request-input'
import type { ExtraPermissions, OperationHandler } from './serve-operation'

/**
 * Signs one request to the object store for a file of the table. Spec: REST `open-api`, operation `signRequest`.
 *
 * The response must not be cached (`no-store`, as all responses). Iceberg's `S3V4RestSignerClient` would cache a
 * `private` one for half a minute, but for all users of its process, and look it up by method, region and URL alone. So
 * a user whom we refuse would get it (apache/iceberg#17801), and it would be sent with headers that were not signed
 * (apache/iceberg#15166), such as an earlier request's range.
 */
export const signRequest: OperationHandler = async (input, { config, catalog, signal }) => {
  const request = parseSigningRequest(input)
  const identifier = tableInPath(input)
  const table = await catalog.loadTable(identifier, { signal })
  // Engines read the files themselves, but relative names of files in its metadata are not known here.
  table.requireReadable?.()
  const { storage } = config
  if (storage.kind !== 's3')
    throw new AppError('not-supported', 'The warehouse is a local folder, so requests need no signature.')
  const isTableFolder = async (folder: string) => {
    if (isInternalFile(config, folder)) return false
    const owners = (await catalog.purgeSupport?.findOwners(folder)) ?? []
    return owners.length === 0 || owners.some((owner) => isSameTable(owner, identifier))
  }
  const files = catalogFiles(table)
  const isChangeable = async (location: string, kind: 'write' | 'remove') => {
    if (!files.isMetadataFile(location)) return true
    if (kind === 'write' || files.isNamed(location)) return false
    // When a table is registered twice, a file may be named only by the other table's metadata.
    const tables = (await catalog.purgeSupport?.findTablesWithin(location.replace(/\/[^/]*$/, ''))) ?? []
    return tables.every((other) => isSameTable(other, identifier))
  }
  const tableFiles = { folders: tableFolders(table.metadata), isTableFolder, isChangeable }
  const { url, headers } = await signStorageRequest(storage, tableFiles, request)
  return { json: { uri: url, headers } }
}

export const permissionsToSign: ExtraPermissions = (input) => {
  const { catalog, namespace, name } = input
  const on = { catalog, namespace, table: name }
  switch (requestKind(parseSigningRequest(input))) {
    case 'read':
      return []
    case 'write':
      return [{ permission: 'table:write', resource: on }]
    case 'remove':
      return [{ permission: 'table:maintain', resource: on }]
  }
}

function parseSigningRequest(input: RestInput): RemoteSignRequest {
  return readRequest(() => {
    const fields = bodyFields(input)
    const headers = fields.members('headers').map(({ key, json, path }) => {
      const values = new JsonFields({ values: json }, path).texts('values')
      return [key, values] as const
    })
    return {
      method: fields.text('method'),
      url: fields.text('uri'),
      headers: Object.fromEntries(headers),
      body: fields.has('body') ? fields.text('body') : null,
    }
  })
}
