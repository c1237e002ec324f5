import 'server-only'
import { createReadStream } from 'node:fs'
import { mkdtemp, open, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { declaredColumns, PATH_SEPARATOR } from '@/lib/changes/declaration/declared-columns'
import type { InputFormat } from '@/lib/contract/shapes/input-formats'
import { readArrowFields } from '@/lib/ingest/arrow/arrow-records'
import { readAvroFileType } from '@/lib/ingest/avro-records'
import type { CsvOptions } from '@/lib/ingest/csv-options'
import { declareArrow } from '@/lib/ingest/declared/declare-arrow'
import { declareAvro } from '@/lib/ingest/declared/declare-avro'
import type { DeclaredFile } from '@/lib/ingest/declared/declared-file'
import { MAX_SAMPLE_BYTES, sampleCsv, sampleJsonArray, sampleJsonLines } from '@/lib/ingest/sample-file'
import { readFooter } from '@/lib/parquet/footer'
import { unpackInput } from '../input/unpack-input'
import { copyBeginning } from './copy-beginning'
import type { PreviewedInput } from './previewed-input'

/** The columns of a file; of a text those of its first rows. */
export type DeclaredInput = DeclaredFile & {
  /** Null for a file whose own schema says its types. */
  sampledRowCount: number | null
}

/**
 * The columns that a new table needs to hold a file: those of its schema, or those that the first rows of a text have.
 *
 * @throws {AppError} file-damaged, not-supported; too-large for a file that has to be copied completely
 */
export async function declareColumns(
  input: PreviewedInput,
  { format, csv }: { format: InputFormat; csv?: CsvOptions },
  signal: AbortSignal,
): Promise<DeclaredInput> {
  const folder = await mkdtemp(path.join(tmpdir(), 'lakeshore-declare-'))
  try {
    const beginning = await copyBeginning(input, { folder, signal, format })
    return await declareCopy({ ...beginning, name: input.name, folder, format, csv })
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

type Copy = {
  path: string
  isTruncated: boolean
  name: string
  folder: string
  format: InputFormat
  csv: CsvOptions | undefined
}

async function declareCopy({ path: file, isTruncated, name, folder, format, csv }: Copy): Promise<DeclaredInput> {
  switch (format) {
    case 'avro':
      return { ...declareAvro(await readAvroFileType(createReadStream(file), name)), sampledRowCount: null }
    case 'arrow': {
      const readEnd = (sizeBytes: number) => readBytes(file, { fromEnd: true, sizeBytes })
      const fields = await readArrowFields(createReadStream(file), { name, readEnd })
      return { ...declareArrow(fields), sampledRowCount: null }
    }
    case 'parquet':
      return { ...(await declareParquet(file, name)), sampledRowCount: null }
    case 'csv':
    case 'json':
    case 'ndjson': {
      const options = { isTruncated, onProgress: () => {} }
      const unpacked = await unpackInput({ input: { path: file, format }, stagingDir: folder }, options)
      const read = await readBytes(unpacked.input.path, { sizeBytes: MAX_SAMPLE_BYTES + 1 })
      const isWhole = !isTruncated && read.length <= MAX_SAMPLE_BYTES
      const bytes = read.subarray(0, MAX_SAMPLE_BYTES)
      const { columns, rowCount } = await sampleText(bytes, isWhole, { format, csv })
      return {
        columns: columns.map((column) => ({ name: column.name, type: column.type })),
        doubts: new Map(columns.flatMap(({ name: column, inferred: { doubt } }) => (doubt ? [[column, doubt]] : []))),
        omitted: [],
        sampledRowCount: rowCount,
      }
    }
  }
}

function sampleText(
  bytes: Uint8Array,
  isWhole: boolean,
  { format, csv }: { format: 'csv' | 'json' | 'ndjson'; csv: CsvOptions | undefined },
) {
  if (format === 'csv') return sampleCsv(bytes, isWhole, csv)
  return format === 'json' ? sampleJsonArray(bytes, isWhole) : sampleJsonLines(bytes, isWhole)
}

async function declareParquet(file: string, name: string): Promise<DeclaredFile> {
  const handle = await open(file, 'r')
  try {
    const { size: byteLength } = await handle.stat()
    const footer = await readFooter({
      name,
      byteLength,
      read: async (start, end) => {
        const bytes = new Uint8Array(end - start)
        const { bytesRead } = await handle.read(bytes, 0, bytes.length, start)
        return bytes.subarray(0, bytesRead)
      },
    })
    const { columns, leaves } = declaredColumns(footer.schema)
    const doubts = [...leaves].flatMap(([at, { doubt }]): [string, string][] =>
      doubt === null ? [] : [[at.replaceAll(PATH_SEPARATOR, '.'), doubt]],
    )
    return { columns, doubts: new Map(doubts), omitted: [] }
  } finally {
    await handle.close()
  }
}

/** Fewer bytes for a shorter file. */
async function readBytes(
  file: string,
  { sizeBytes, fromEnd = false }: { sizeBytes: number; fromEnd?: boolean },
): Promise<Uint8Array> {
  const handle = await open(file, 'r')
  try {
    const { size } = await handle.stat()
    const bytes = new Uint8Array(Math.min(size, sizeBytes))
    const { bytesRead } = await handle.read(bytes, 0, bytes.length, fromEnd ? size - bytes.length : 0)
    return bytes.subarray(0, bytesRead)
  } finally {
    await handle.close()
  }
}
