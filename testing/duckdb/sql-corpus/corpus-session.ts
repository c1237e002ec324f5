import { readFileSync } from 'node:fs'
import path from 'node:path'
import type { DuckDBConnection } from '@duckdb/node-api'
import { decodeColumns, openFile, summarizeFooter } from '@/lib/query/load/decode'
import type { LoadableFile } from '@/lib/query/load/decode-messages'
import type { createQuerySession } from '@/lib/query/session/query-session'
import { knownFiles } from '@/lib/query/load/table-files'
import { AppError } from '@/lib/errors'
import { pageCodecs } from '@/testing/parquet/page-codecs'
import { CORPUS_TABLES } from './corpus-tables'

export type CorpusSessionDeps = Pick<Parameters<typeof createQuerySession>[0], 'decoder' | 'planTable' | 'readView'>

/** The tables of the corpus as a query session reads them, from the Parquet files in `folder`. */
export async function corpusSessionDeps(native: DuckDBConnection, folder: string): Promise<CorpusSessionDeps> {
  const files = new Map<string, LoadableFile & { bytes: Uint8Array }>()
  for (const { name } of CORPUS_TABLES) {
    const bytes = new Uint8Array(readFileSync(path.join(folder, `${name}.parquet`)))
    const counted = await native.runAndReadAll(`select count(*)::int from ${name}`)
    files.set(name, {
      url: name,
      name,
      bytes,
      byteLength: bytes.length,
      recordCount: Number(counted.getRows()[0]?.[0]),
      tailBytes: 4096,
      constants: new Map(),
      nameMapping: null,
      deletes: [],
    })
  }
  const open = (file: LoadableFile) => {
    const bytes = files.get(file.name)?.bytes ?? new Uint8Array()
    const read = async (start: number, end: number) => bytes.slice(start, end)
    return openFile({ name: file.name, byteLength: bytes.length, read }, file, pageCodecs)
  }
  return {
    decoder: {
      readFooter: async (file) => summarizeFooter(await open(file)),
      decodeColumns: async (file, order) => decodeColumns(await open(file), order),
      countRows: () => Promise.reject(new Error('the files have no deletes')),
      start: () => {},
    },
    planTable: async ({ catalog, namespace, table }, { ref, snapshotId }) => {
      const prefix = catalog === 'lab' ? 'lab.' : ''
      const version = ref ?? snapshotId
      const name = `${prefix}${namespace.join('.')}.${table}${version === undefined ? '' : `_at_${version}`}`
      const [file, described] = [files.get(name), CORPUS_TABLES.find((each) => each.name === name)]
      if (!file || !described) throw new AppError('not-found', `There is no table ${name}.`)
      return {
        key: name,
        snapshotId: '1',
        committedAtMs: 0,
        fields: described.fields,
        files: knownFiles([file]),
        fileCount: 1,
        rowCount: file.recordCount,
        deleteFileCount: 0,
        deleteBytes: 0,
        fileBytes: file.byteLength,
      }
    },
    readView: async () => null,
  }
}
