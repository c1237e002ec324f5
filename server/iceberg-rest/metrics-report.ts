import 'server-only'
import { fromRequest } from '@/lib/iceberg/request-json'
import { AppError } from '@/lib/errors'
import { keepReport, REPORT_KINDS } from '@/server/db/metrics-reports'
import { fieldsOf, tableOf } from './request-input'
import type { RestWork } from './serve-operation'

/** A scan with a filter over thousands of values is the longest that is worth keeping. */
const MOST_CHARS = 64 * 1024

/** Keeps what an engine reports of a scan or a commit. Spec: REST `open-api`, schema `ReportMetricsRequest`. */
export const reportMetrics: RestWork = async (input, { catalog, database, actor, signal }) => {
  const { type, snapshotId } = fromRequest(() => {
    const fields = fieldsOf(input)
    return {
      type: fields.text('report-type'),
      snapshotId: fields.has('snapshot-id') ? fields.long('snapshot-id') : null,
    }
  })
  const kind = REPORT_KINDS.find((known) => known === type)
  if (kind === undefined) throw new AppError('invalid-request', `report-type is one of ${REPORT_KINDS.join(', ')}.`)
  if (input.bodyText.length > MOST_CHARS)
    throw new AppError('too-large', `A report of more than ${MOST_CHARS} characters is not kept.`)
  const table = tableOf(input)
  await catalog.loadTable(table, { signal })
  await database.commit(keepReport({ table, kind, snapshotId, userId: actor.userId, report: input.bodyText }))
  return { status: 204 }
}
