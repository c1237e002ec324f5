import 'server-only'
import { readRequest } from '@/lib/iceberg/json/read-request'
import { AppError } from '@/lib/errors'
import { reportChanges, REPORT_KINDS } from '@/server/db/catalog/metrics-reports'
import { reportingEngine, reportingLibrary } from '@/server/table/reporting-engine'
import { bodyFields, tableInPath } from './request-input'
import { MAX_REPORT_CHARS } from './request-limits'
import type { OperationHandler } from './serve-operation'

/** Stores an engine's report of a scan or a commit. Spec: REST `open-api`, schema `ReportMetricsRequest`. */
export const reportMetrics: OperationHandler = async (input, { catalog, clientUses, database, actor, signal }) => {
  const { type, snapshotId } = readRequest(() => {
    const fields = bodyFields(input)
    return {
      type: fields.text('report-type'),
      snapshotId: fields.has('snapshot-id') ? fields.long('snapshot-id') : null,
    }
  })
  const kind = REPORT_KINDS.find((known) => known === type)
  if (kind === undefined)
    throw new AppError('invalid-request', `report-type must be one of ${REPORT_KINDS.join(', ')}.`)
  if (input.bodyText.length > MAX_REPORT_CHARS)
    throw new AppError('too-large', `A metrics report may have at most ${MAX_REPORT_CHARS} characters.`)
  const table = tableInPath(input)
  const { metadata } = await catalog.loadTable(table, { signal })
  clientUses.record(actor, {
    tableUuid: metadata.tableUuid,
    access: kind === 'scan-report' ? 'read' : 'write',
    engine: reportingEngine(input.bodyText),
    library: reportingLibrary(input.bodyText),
  })
  await database.commit(reportChanges({ table, kind, snapshotId, userId: actor.userId, report: input.bodyText }))
  return { status: 204 }
}
