import 'server-only'
import { createHash } from 'node:crypto'
import { createReadStream, readFileSync, statSync } from 'node:fs'
import path from 'node:path'
import * as z from 'zod'
import { AppError } from '@/lib/errors'
import { parseJsonOrNull } from '@/lib/plain-json'

/** `backup.json`, which is written last: a folder without it is not a complete backup. */
export type BackupManifest = z.output<typeof manifestSchema>
export type BackedUpFile = BackupManifest['files'][number]

export const MANIFEST_FILE = 'backup.json'
export const DATABASE_FILE = 'lakeshore.db'
/** Paths that a backup may contain: any other path is refused, because it could lead elsewhere. */
const FILE_PATH = /^(lakeshore\.db|catalog-name|demo-lake|secrets\/[A-Za-z0-9][A-Za-z0-9._-]*)$/

const FORMAT = 1
const manifestSchema = z.object({
  format: z.literal(FORMAT),
  /** The version of Lakeshore. */
  version: z.string(),
  takenAt: z.iso.datetime(),
  migrations: z.array(z.string()),
  warehouse: z.object({
    /** The location by which the tables name their files. */
    location: z.string().min(1),
    isInHome: z.boolean(),
  }),
  rowCounts: z.record(z.string(), z.number()),
  files: z.array(
    z.object({
      path: z.string().regex(FILE_PATH),
      sizeBytes: z.number(),
      sha256: z.string().regex(/^[0-9a-f]{64}$/),
    }),
  ),
})

export function manifestText(manifest: Omit<BackupManifest, 'format'>): string {
  return `${JSON.stringify({ format: FORMAT, ...manifest }, null, 2)}\n`
}

/** @throws {AppError} file-missing, file-damaged */
export function readManifest(folder: string): BackupManifest {
  const file = path.join(folder, MANIFEST_FILE)
  const stats = statSync(file, { throwIfNoEntry: false })
  if (!stats) {
    throw new AppError(
      'file-missing',
      `${folder} is not a complete backup: ${MANIFEST_FILE} is missing, which is written last. Nothing was changed.`,
    )
  }
  const manifest = manifestSchema.safeParse(parseJsonOrNull(readFileSync(file, 'utf8')))
  if (manifest.success) return manifest.data
  throw new AppError(
    'file-damaged',
    `${file} is damaged, or of another version of Lakeshore. Nothing was changed. Use another backup.`,
  )
}

/** @param file the file's path in the backup */
export async function describeFile(folder: string, file: string): Promise<BackedUpFile> {
  const hash = createHash('sha256')
  let sizeBytes = 0
  for await (const chunk of createReadStream(path.join(folder, file)) as AsyncIterable<Buffer>) {
    hash.update(chunk)
    sizeBytes += chunk.length
  }
  return { path: file, sizeBytes, sha256: hash.digest('hex') }
}
