import 'server-only'
import { AppError } from '@/lib/errors'
import type { DataFile } from '@/lib/iceberg/manifest/manifest'
import { appendOperation } from '@/lib/iceberg/operations/append'
import type { Log } from '@/server/log'
import { type OperationRequest, type OperationResult, runOperation } from './run-operation'

export type AppendRequest = Omit<OperationRequest, 'auditAction'> & {
  /** At least one file, all of one spec; already written, durable and inside the warehouse. */
  files: readonly DataFile[]
  specId: number
  /** The schema the files were written with. */
  schemaId: number
  /** Further summary fields; `operation` and the counts are added to them. */
  summary?: Readonly<Record<string, string>>
}

/**
 * Adds files to the tip of a branch as one snapshot, with {@link runOperation}. Existing manifests are carried over
 * unchanged, or merged as the properties of the table say.
 */
export async function appendFiles(
  log: Log,
  { files, specId, schemaId, summary = {}, ...request }: AppendRequest,
): Promise<OperationResult> {
  const other = files.find((file) => file.specId !== specId)
  if (other)
    throw new AppError('invalid-request', `${other.filePath} was not written with the partition spec ${specId}.`)
  const operation = appendOperation(files, { schemaId, summary })
  return runOperation(log, { mergesManifests: true, ...request, auditAction: 'append' }, async () => ({ operation }))
}
