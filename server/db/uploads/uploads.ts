import 'server-only'
import { sql, type SqlBool } from 'kysely'
import { AppError } from '@/lib/errors'
import { formatBytes } from '@/lib/format/bytes'
import { joinNamespace, splitNamespace, type TableIdentifier } from '@/lib/names/identifiers'
import { sum } from '@/lib/sum'
import type { Database } from '../database'
import { insertIf, isBelow, ROW_COUNT } from '../insert-if'
import { change, preparedQuery, query } from '../statement'
import type { Tables } from '../tables'
import { tryCommit } from '../try-commit'
import type { RunError } from '../jobs/runs'
import { endWaitForChanges, failAwaitingRun, readAwaitedUpload } from './awaiting-runs'

/** A file that a user uploads, or has uploaded. An upload that has expired is not found, even before it is removed. */
export type Upload = {
  /** A ULID: later uploads have greater ids. */
  uploadId: string
  userId: string
  /** The table that the file is for, which may not exist yet. */
  target: TableIdentifier
  /** Chosen by the client: a text to show, never a path. */
  fileName: string
  sizeBytes: number
  receivedBytes: number
  partCount: number
  createdAtMs: number
  expiresAtMs: number
  /** The last proposal that loads it, open or not; null: none did. */
  proposalId: string | null
  /** The run that waits for its bytes, or for those of other uploads; null: none does. */
  runId: string | null
}

/** Bytes of an upload from `startByte` on, as a file in the folder of the upload. */
export type UploadPart = { startByte: number; sizeBytes: number; name: string }

/** Per user, with those that are complete: a load has up to 1,000 files, and some are often left from earlier ones. */
export const MAX_OPEN_UPLOADS = 2_000

const PARTS_PER_PAGE = 500

export type UploadLimits = {
  lifeMs: number
  /** The bytes of all uploads of a user, with those that are still to come; null: no limit. */
  maxUserBytes: number | null
}

/** @throws {AppError} too-many-requests when the user has the greatest number of uploads, or too many bytes in them */
export async function addUpload(
  database: Database,
  added: Pick<Upload, 'uploadId' | 'userId' | 'target' | 'fileName' | 'sizeBytes'>,
  { lifeMs, maxUserBytes }: UploadLimits,
): Promise<void> {
  const { uploadId, userId, target, fileName, sizeBytes } = added
  const insert = change(
    (dialect) => {
      const own = dialect.db
        .selectFrom('uploads as own')
        .where('own.user_id', '=', userId)
        .where('own.expires_at_ms', '>', dialect.nowMs)
      const row = {
        id: uploadId,
        user_id: userId,
        catalog: target.catalog,
        namespace: joinNamespace(target.namespace),
        table_name: target.table,
        file_name: fileName,
        size_bytes: sizeBytes,
        received_bytes: 0,
        part_count: 0,
        created_at_ms: dialect.nowMs,
        expires_at_ms: sql<number>`${dialect.nowMs} + ${lifeMs}`,
      }
      const hasRoom = sql<SqlBool>`${own.select(TOTAL_BYTES)} <= ${(maxUserBytes ?? 0) - sizeBytes}`
      const isBelowCount = isBelow(own.select(ROW_COUNT), MAX_OPEN_UPLOADS)
      return insertIf(dialect, 'uploads', row, isBelowCount, ...(maxUserBytes === null ? [] : [hasRoom]))
    },
    { expectedRows: 1, guards: ['uploads'] },
  )
  if (await tryCommit(database, [insert])) return
  const uploads = await listUploads(database, userId)
  throw uploads.length >= MAX_OPEN_UPLOADS || maxUserBytes === null
    ? tooManyError()
    : tooManyBytesError(sum(uploads.map((upload) => upload.sizeBytes)), sizeBytes, maxUserBytes)
}

const TOTAL_BYTES = sql<number>`coalesce(sum(size_bytes), 0)`.as('bytes')

const OTHERS_COUNT = 'Uploads for other tables and those of open proposals count, too.'

function tooManyError(): AppError {
  return new AppError(
    'too-many-requests',
    `You have ${MAX_OPEN_UPLOADS.toLocaleString('en-US')} uploads that are not loaded yet. Load or remove some of them first.`,
    { facts: { maxUploads: MAX_OPEN_UPLOADS, hint: OTHERS_COUNT } },
  )
}

function tooManyBytesError(openBytes: number, sizeBytes: number, maxUserBytes: number): AppError {
  return new AppError(
    'too-many-requests',
    `Your uploads that are not loaded yet have ${formatBytes(openBytes)}, and the file has ${formatBytes(sizeBytes)}. Together they may have ${formatBytes(maxUserBytes)}. Load or remove some of them first.`,
    { facts: { openBytes, sizeBytes, maxUserBytes, hint: OTHERS_COUNT } },
  )
}

/**
 * The bytes that are still to come in all uploads, apart from those of one user.
 *
 * @param exceptUserId whose uploads have sizes that are only limits
 */
export async function countMissingBytes(database: Database, exceptUserId: string): Promise<number> {
  const [row] = await database.read(
    query(({ db, nowMs }) =>
      db
        .selectFrom('uploads')
        .select(sql<number | string>`coalesce(sum(size_bytes - received_bytes), 0)`.as('bytes'))
        .where('user_id', '<>', exceptUserId)
        .where('expires_at_ms', '>', nowMs),
    ),
  )
  return Number(row?.bytes ?? 0)
}

/** Null when the user has no such upload. */
export async function readUpload(
  database: Database,
  { uploadId, userId }: Pick<Upload, 'uploadId' | 'userId'>,
): Promise<Upload | null> {
  const [row] = await database.read(ownUpload({ uploadId, userId }))
  return row ? toUpload(row) : null
}

const ownUpload = preparedQuery(({ db, nowMs }, { uploadId, userId }: { uploadId: string; userId: string }) =>
  db
    .selectFrom('uploads')
    .selectAll()
    .where('id', '=', uploadId)
    .where('user_id', '=', userId)
    .where('expires_at_ms', '>', nowMs),
)

/** All uploads of a user, at most {@link MAX_OPEN_UPLOADS}, in the order in which they began. */
export async function listUploads(database: Database, userId: string): Promise<Upload[]> {
  const rows = await database.read(
    query(({ db, nowMs }) =>
      db
        .selectFrom('uploads')
        .selectAll()
        .where('user_id', '=', userId)
        .where('expires_at_ms', '>', nowMs)
        .orderBy('id')
        .limit(MAX_OPEN_UPLOADS),
    ),
  )
  return rows.map(toUpload)
}

/**
 * Records a part that is durable in the store, and with it the bytes that have arrived. With the last one, a run that
 * waits for the upload may start.
 *
 * @param lifeMs how long the upload lives from now on
 * @returns false, with nothing recorded, if the upload is at another byte, has expired or was removed
 */
export function tryAddPart(
  database: Database,
  uploadId: string,
  { startByte, sizeBytes, name }: UploadPart,
  lifeMs: number,
): Promise<boolean> {
  return tryCommit(database, [
    change(
      ({ db, nowMs }) =>
        db
          .updateTable('uploads')
          .set((eb) => ({
            received_bytes: startByte + sizeBytes,
            part_count: eb('part_count', '+', 1),
            expires_at_ms: eb(nowMs, '+', eb.val(lifeMs)),
          }))
          .where('id', '=', uploadId)
          .where('received_bytes', '=', startByte)
          .where('size_bytes', '>=', startByte + sizeBytes)
          .where('expires_at_ms', '>', nowMs),
      { expectedRows: 1 },
    ),
    change(({ db }) =>
      db.insertInto('upload_parts').values({ upload_id: uploadId, start_byte: startByte, size_bytes: sizeBytes, name }),
    ),
    ...endWaitForChanges(uploadId),
  ])
}

/**
 * Gives an upload the size that it has reached, if its size was not known before.
 *
 * @throws {UnexpectedChanges} when it was removed, or is at another byte
 */
export async function completeUpload(database: Database, uploadId: string, sizeBytes: number): Promise<void> {
  await database.commit([
    change(
      ({ db }) =>
        db
          .updateTable('uploads')
          .set({ size_bytes: sizeBytes })
          .where('id', '=', uploadId)
          .where('received_bytes', '=', sizeBytes),
      { expectedRows: 1 },
    ),
  ])
}

/** The parts of an upload in order. They are read in pages while they are used. */
export async function* readParts(database: Database, uploadId: string): AsyncGenerator<UploadPart, void> {
  let nextByte = 0
  for (;;) {
    const from = nextByte
    const rows = await database.read(
      query(({ db }) =>
        db
          .selectFrom('upload_parts')
          .select(['start_byte', 'size_bytes', 'name'])
          .where('upload_id', '=', uploadId)
          .where('start_byte', '>=', from)
          .orderBy('start_byte')
          .limit(PARTS_PER_PAGE),
      ),
    )
    for (const { start_byte: startByte, size_bytes: sizeBytes, name } of rows) yield { startByte, sizeBytes, name }
    const last = rows.at(-1)
    if (last === undefined || rows.length < PARTS_PER_PAGE) return
    nextByte = last.start_byte + last.size_bytes
  }
}

/**
 * Deletes an upload. A run that waits for it fails.
 *
 * @returns whether the user had such an upload, also an expired one
 */
export async function deleteUpload(
  database: Database,
  { uploadId, userId }: Pick<Upload, 'uploadId' | 'userId'>,
): Promise<boolean> {
  const awaited = await readAwaitedUpload(database, uploadId)
  const removal = (expectedRows: number | null) =>
    change(({ db }) => db.deleteFrom('uploads').where('id', '=', uploadId).where('user_id', '=', userId), {
      expectedRows,
    })
  if (awaited !== null && (await failAwaitingRun(database, awaited.runId, removedError(awaited), [removal(1)])))
    return true
  const [count = 0] = await database.commit([removal(null)])
  return count > 0
}

/** Why a run that waits for an upload fails when that is removed. */
function removedError({ fileName: file }: Pick<Upload, 'fileName'>): RunError {
  return {
    code: 'not-found',
    detail: `${file} was removed before all of its bytes were here. Nothing was loaded. Upload it again.`,
    facts: { file },
  }
}

/** Removes the rows of uploads that have expired, the first to expire first. @returns how many, at most `limit` */
export async function deleteExpiredUploads(database: Database, limit: number): Promise<number> {
  const [count = 0] = await database.commit([
    change(({ db, nowMs }) =>
      db
        .deleteFrom('uploads')
        .where('id', 'in', ({ selectFrom }) =>
          selectFrom('uploads as expired')
            .select('expired.id')
            .where('expired.expires_at_ms', '<=', nowMs)
            .orderBy('expired.expires_at_ms')
            .limit(limit),
        ),
    ),
  ])
  return count
}

/** Those of the ids that are of uploads, expired or not. */
export async function findUploadIds(database: Database, ids: readonly string[]): Promise<ReadonlySet<string>> {
  if (ids.length === 0) return new Set()
  const rows = await database.read(query(({ db }) => db.selectFrom('uploads').select('id').where('id', 'in', ids)))
  return new Set(rows.map(({ id }) => id))
}

function toUpload(row: Tables['uploads']): Upload {
  return {
    uploadId: row.id,
    userId: row.user_id,
    target: { catalog: row.catalog, namespace: splitNamespace(row.namespace), table: row.table_name },
    fileName: row.file_name,
    sizeBytes: row.size_bytes,
    receivedBytes: row.received_bytes,
    partCount: row.part_count,
    createdAtMs: row.created_at_ms,
    expiresAtMs: row.expires_at_ms,
    proposalId: row.proposal_id,
    runId: row.run_id,
  }
}
