import 'server-only'
import { listRejects } from '@/lib/contract/jobs'
import type { RequestedInput } from '@/lib/contract/shapes/load-options'
import {
  findRepeatedInputs,
  getLoad,
  previewLoad,
  readRejectedRecords,
  sampleLoad,
  saveLoad,
  startLoad,
} from '@/lib/contract/loads/loads'
import { AppError } from '@/lib/errors'
import { currentSchema, defaultSpec } from '@/lib/iceberg/metadata/current-layout'
import { NEW_FILES_ONLY } from '@/lib/ingest/file-repeats'
import { pickConfirmations } from '@/lib/contract/loads/load-confirmations'
import { toRejectLimit } from '@/lib/ingest/reject-limit'
import { isSameTable, type TableIdentifier } from '@/lib/names/identifiers'
import type { Actor } from '@/server/auth/actor'
import type { LoadedTable } from '@/server/catalog/port/loaded-table'
import { loadLocationsAction } from '@/server/changes/actions/loads/load-locations'
import { loadUploadsAction } from '@/server/changes/actions/loads/load-uploads'
import { saveLoadAction } from '@/server/changes/actions/loads/save-load'
import { carryOut } from '@/server/changes/pipeline/carry-out'
import { SCHEDULED_KINDS } from '@/server/changes/scheduled-kinds'
import { findUploadOfProposal } from '@/server/changes/proposals/proposed-uploads'
import type { Upload } from '@/server/db/uploads/uploads'
import { serve } from '@/server/http/serve'
import { serveBytes } from '@/server/http/serve-bytes'
import { INGEST } from '@/server/ingest/run/ingest-spec'
import { findSortOrder, loadRules } from '@/server/ingest/run/ingest-target'
import { requireWritableFormat } from '@/server/ingest/run/writable-format'
import { requireCorrectedLoad, requireOwnLoad, readLoadRequest } from '@/server/ingest/run/past-load'
import { previewLoad as readPreview } from '@/server/ingest/preview/preview-load'
import { sampleLoad as readSample } from '@/server/ingest/preview/sample-load'
import {
  openLocationInput,
  openUrlInput,
  type PreviewedInput,
  toUploadedInput,
} from '@/server/ingest/preview/previewed-input'
import { type ComparedInput, findRepeats } from '@/server/ingest/run/repeats/find-repeats'
import { findRejectedRecords } from '@/server/ingest/run/rejects/rejected-records-file'
import { readRejectPage } from '@/server/ingest/run/rejects/run-rejects'
import { SAVE_RESULT } from '@/server/jobs/private-runs'
import { buildWireSchedule } from '@/server/jobs/schedule-view'
import { buildWireRun } from '@/server/jobs/run-view'
import type { Services } from '@/server/services'
import { findUpload } from '@/server/uploads/find-upload'

const MAX_REJECTS = 500

type Previewed = { input: RequestedInput; proposalId: string | undefined; on: TableIdentifier; actor: Actor }

/** @throws {AppError} not-found, invalid-request; and what opening a file throws */
async function openPreviewedInput(
  services: Services,
  table: LoadedTable,
  { input, proposalId, on, actor }: Previewed,
  signal: AbortSignal,
): Promise<PreviewedInput> {
  if (!('uploadId' in input)) {
    if (proposalId !== undefined)
      throw new AppError('invalid-request', 'A proposal loads uploads, and no files of a location or a URL.')
    if ('url' in input) return openUrlInput(services, input)
    return openLocationInput(services, toInputSource(input), signal)
  }
  const { uploadId } = input
  const upload =
    proposalId === undefined
      ? await findOwnUpload(services, uploadId, { on, actor })
      : await findUploadOfProposal(services, table, { uploadId, proposalId })
  return toUploadedInput(services, upload)
}

function toInputSource({ location, ...file }: Extract<RequestedInput, { location: string }>) {
  return { loadLocation: location, ...file }
}

async function findOwnUpload(
  { database }: Pick<Services, 'database'>,
  uploadId: string,
  { on, actor }: { on: TableIdentifier; actor: Actor },
): Promise<Upload> {
  const upload = await findUpload(database, uploadId, actor)
  if (isSameTable(upload.target, on)) return upload
  throw new AppError('invalid-request', `${upload.fileName} was uploaded for another table.`)
}

export function loadEndpoints(services: Services) {
  return [
    serve(services, previewLoad, async (fields, { actor, signal }) => {
      const { input, proposalId, format, csv, mapping, ignoreExtra = false, ...on } = fields
      const options = { format, ignoreExtra, ...(csv && { csv }), ...(mapping && { mapping }) }
      const release = await services.previews.acquireSoon(actor.userId, signal)
      try {
        const catalog = await services.catalogs.open(on.catalog, actor)
        const table = await catalog.loadTable(on, { signal })
        const opened = await openPreviewedInput(services, table, { input, proposalId, on, actor }, signal)
        const schema = currentSchema(table.metadata)
        const rules = loadRules(table.metadata.properties, schema)
        const spec = defaultSpec(table.metadata)
        const previewed = { userId: actor.userId, schema, spec, rules, table, input: opened, options }
        return await readPreview(services.runPreview, previewed, signal)
      } finally {
        release()
      }
    }),
    serve(services, sampleLoad, async (fields, { actor, signal }) => {
      const { input, format, csv, mapping, ignoreExtra = false, ...on } = fields
      const options = { format, ignoreExtra, ...(csv && { csv }), ...(mapping && { mapping }) }
      const release = await services.previews.acquireSoon(actor.userId, signal)
      try {
        const catalog = await services.catalogs.open(on.catalog, actor)
        const { metadata, ...table } = await catalog.loadTable(on, { signal })
        requireWritableFormat(metadata.formatVersion, on)
        const previewed = { input, proposalId: undefined, on, actor }
        const opened = await openPreviewedInput(services, { ...table, metadata }, previewed, signal)
        const schema = currentSchema(metadata)
        const { properties } = metadata
        const spec = defaultSpec(metadata)
        const sortOrder = findSortOrder({ log: () => {} }, metadata, schema)
        const rules = loadRules(properties, schema)
        const sampled = { userId: actor.userId, schema, spec, sortOrder, properties, rules, input: opened, options }
        return await readSample(services.runStage, sampled, signal)
      } finally {
        release()
      }
    }),
    serve(services, findRepeatedInputs, async ({ inputs, ...on }, { actor, signal }) => {
      const release = await services.previews.acquireSoon(actor.userId, signal)
      try {
        const table = await (await services.catalogs.open(on.catalog, actor)).loadTable(on, { signal })
        const compared: ComparedInput[] = []
        for (const [position, input] of inputs.entries()) {
          if ('match' in input || 'url' in input) continue
          const previewed = { input, proposalId: undefined, on, actor }
          const opened = await openPreviewedInput(services, table, previewed, signal)
          compared.push({ ...opened, position })
        }
        return { repeats: await findRepeats(services.database, table.metadata, compared, { actor, signal }) }
      } finally {
        release()
      }
    }),
    serve(services, startLoad, async (input, context) => {
      const { inputs, idempotencyKey, confirmedName, correctsRun, ...rest } = input
      const { maxRejectedRows, maxRejectedShare, landing, ...confirmedReading } = rest
      const { allowNullColumns, allowAmbiguousNumbers, loadAgain, ...reading } = confirmedReading
      const { format, csv, mapping, ignoreExtra = false, ...on } = reading
      const read = { format, ignoreExtra, ...(csv && { csv }), ...(mapping && { mapping }) }
      if (correctsRun !== undefined) await requireCorrectedLoad(services.database, correctsRun, { on, ...context })
      const options = {
        ...read,
        ...pickConfirmations({ allowNullColumns, allowAmbiguousNumbers, loadAgain }),
        ...toRejectLimit({ rows: maxRejectedRows, share: maxRejectedShare }),
        ...(landing && { landing }),
        ...(correctsRun !== undefined && { correctsRunId: correctsRun }),
      }
      const change = { ...context, idempotencyKey, confirmedName }
      const uploads = inputs.flatMap((one) => ('uploadId' in one ? [one] : []))
      const located = inputs.map((one) => ('location' in one ? toInputSource(one) : one))
      const { run } =
        uploads.length === inputs.length
          ? await carryOut(services, loadUploadsAction, { on, input: { uploads, options } }, change)
          : await carryOut(services, loadLocationsAction, { on, input: { inputs: located, options } }, change)
      return { run: await buildWireRun(services.database, run, context.actor) }
    }),
    serve(services, saveLoad, async (input, context) => {
      const { name, startsBy, cron, timeZone, watchedTables, newFilesOnly, changedFiles, ...load } = input
      const { inputs, idempotencyKey, confirmedName, ...rest } = load
      const { maxRejectedRows, maxRejectedShare, landing, ...confirmedReading } = rest
      const { allowNullColumns, allowAmbiguousNumbers, loadAgain, ...reading } = confirmedReading
      const { format, csv, mapping, ignoreExtra = false, ...on } = reading
      const located = inputs.map((one) => {
        if ('location' in one) return toInputSource(one)
        if ('url' in one)
          throw new AppError('invalid-request', 'A load of a URL cannot be saved. Save a load of files of a location.')
        throw new AppError(
          'invalid-request',
          'Uploads cannot be saved with a load: they are removed once they are loaded. Save a load of files of a location.',
        )
      })
      const saved = {
        name,
        start: { startsBy, cron, timeZone, watchedTables },
        repeats: {
          newFilesOnly: newFilesOnly ?? located.some((source) => 'match' in source),
          changedFiles: changedFiles ?? NEW_FILES_ONLY.changedFiles,
        },
        inputs: located,
        options: {
          format,
          ignoreExtra,
          ...pickConfirmations({ allowNullColumns, allowAmbiguousNumbers, loadAgain }),
          ...(csv && { csv }),
          ...(mapping && { mapping }),
          ...toRejectLimit({ rows: maxRejectedRows, share: maxRejectedShare }),
          ...(landing && { landing }),
        },
      }
      const change = { ...context, idempotencyKey, confirmedName }
      const { schedule } = await carryOut(services, saveLoadAction, { on, input: saved }, change)
      const view = { database: services.database, kinds: SCHEDULED_KINDS, actor: context.actor }
      return { schedule: await buildWireSchedule(view, schedule) }
    }),
    serve(services, getLoad, async ({ run }, { actor, signal }) =>
      readLoadRequest(services, await requireOwnLoad(services.database, run, actor), { actor, signal }),
    ),
    serve(services, listRejects, async ({ run, offset = 0, column, wholeRows, reason }, { actor }) => {
      if (offset < 0) throw new AppError('invalid-request', 'The offset is at least 0.')
      const load = await requireOwnLoad(services.database, run, actor, [INGEST, SAVE_RESULT])
      return readRejectPage(services, load, {
        column: wholeRows === undefined ? column : null,
        reason,
        offset,
        limit: MAX_REJECTS,
      })
    }),
    serveBytes(services, readRejectedRecords, async ({ run }, { actor, signal }) => {
      const load = await requireOwnLoad(services.database, run, actor)
      const records = await findRejectedRecords(services, load, signal)
      return { ...records, etag: load.id, contentType: 'application/octet-stream', cacheControl: 'no-store' }
    }),
  ]
}
