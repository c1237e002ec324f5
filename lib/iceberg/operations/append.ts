import type { DataFile } from '../manifest/manifest'
import type { SnapshotOperation } from './operation'

/**
 * Adds data files. Valid on every base.
 *
 * @param options.schemaId the schema that the files were written with
 */
export function appendOperation(
  files: readonly DataFile[],
  { schemaId = null, summary = {} }: { schemaId?: number | null; summary?: Readonly<Record<string, string>> } = {},
): SnapshotOperation {
  return {
    name: 'append',
    added: files.map((dataFile) => ({ dataFile })),
    removed: [],
    removedWhere: null,
    requiresRemoved: false,
    summary,
    schemaId,
    validate: async () => {},
  }
}
