import { asOfToInput } from '@/lib/contract/shapes/plain-values'
import { AppError } from '@/lib/errors'
import { joinNamespace } from '@/lib/names/identifiers'
import { type FindFile, type RequestedFile, STANDALONE_FILE } from '@/lib/query/load/file-scan'
import type { PlanOptions } from '@/lib/query/load/table-scan'
import { callEndpoint } from './call-endpoint'
import { snapshotFileUrl } from './file-bytes-url'

/** Finds a file of a table. Throws as {@link FindFile}. */
export async function findTableFile(
  requested: Extract<RequestedFile, { kind: 'table' }>,
  options: PlanOptions,
): ReturnType<FindFile> {
  const { identifier, asOf, path } = requested
  const { file } = await callEndpoint('getFile', { ...identifier, ...asOfToInput(asOf), file: path }, options).catch(
    (error: unknown) => rethrowNotListed(error, requested),
  )
  if (file.format !== 'parquet')
    throw new AppError('not-supported', `${path} is written as ${file.format}, and read_parquet reads only Parquet.`, {
      facts: { file: path },
    })
  const url = snapshotFileUrl(identifier, asOf, { file: path, manifest: file.manifestPath })
  const key = ['file', identifier.catalog, joinNamespace(identifier.namespace), identifier.table, path].join('\n')
  return { key, file: { ...STANDALONE_FILE, url, name: path, byteLength: file.fileSizeBytes } }
}

function rethrowNotListed(
  error: unknown,
  { identifier: { namespace, table }, path }: Extract<RequestedFile, { kind: 'table' }>,
): never {
  if (!(error instanceof AppError) || error.code !== 'not-found' || error.facts['file'] === undefined) throw error
  throw new AppError('not-found', `No manifest of the snapshot of ${[...namespace, table].join('.')} lists ${path}.`, {
    cause: error,
    facts: {
      file: path,
      hint: 'read_parquet reads files that the Files tab of the table lists. For an older snapshot add snapshot = and its id in quotes.',
    },
  })
}
