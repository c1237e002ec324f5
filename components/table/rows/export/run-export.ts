import { addDefaults } from '@/lib/api/planned-defaults'
import { exportRows } from '@/lib/client/rows/export/export-rows'
import { openSink } from '@/lib/client/rows/export/export-sink'
import { namespaceLabel } from '@/lib/names/identifiers'
import type { ExportFormat } from './export-formats'
import type { ExportedRows } from './exported-rows'
import type { RunExport } from './use-rows-export'

/** Saves rows as a file that is named for the table and the snapshot. */
export async function runExport(
  { table, plan, fields, filter, sort }: ExportedRows,
  { format, mediaType }: ExportFormat,
  options: Parameters<RunExport>[0],
): ReturnType<RunExport> {
  const name = `${namespaceLabel(table.namespace)}.${table.table}-${plan.snapshotId}`
  const fileName = `${name.replaceAll(/[^\p{L}\p{N}._-]+/gu, '_')}.${format}`
  // First, because browsers open the dialog only right after a click.
  const sink = await openSink({ name: fileName, mediaType })
  if (sink === null) return null
  const job = {
    plan,
    fields: addDefaults(fields, plan),
    format,
    filter: filter && { where: filter.where, fields: addDefaults(filter.fields, plan) },
    order: sort && 'order' in sort.rows ? sort.rows.order : null,
  }
  const progress = await exportRows(job, sink, options)
  return { fileName, progress }
}
