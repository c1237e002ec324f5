import { formatPercent } from '@/lib/format/percent'
import { formatQuantity } from '@/lib/format/count'
import { draftOfDeclaration } from '@/lib/changes/new-table/new-table-draft'
import { indexFields } from '@/lib/iceberg/schema/schema'
import { typeLabel } from '@/lib/iceberg/schema/type-label'
import { type ParquetFooter, readFooter } from '@/lib/parquet/footer'
import { columnTotals } from '@/lib/scan/inspect/column-totals'
import { declaredColumns, PATH_SEPARATOR } from '@/lib/changes/declaration/declared-columns'
import { leafRangeText } from '@/lib/scan/inspect/leaf-range'
import type { Filling } from './filling'
import type { SampledColumn } from './sample-column'

/** The table that a Parquet file needs, with statistics of each column. Reads only the footer. */
export async function readFileAsTable(file: File, timeZone: string): Promise<Filling> {
  const footer = await readFooter({
    name: file.name,
    byteLength: file.size,
    read: async (start, end) => new Uint8Array(await file.slice(start, end).arrayBuffer()),
  })
  return footerAsTable(footer, file.name, timeZone)
}

const V3_TYPES = /^(timestamp_ns|timestamptz_ns|variant|unknown|geometry|geography)/

export function footerAsTable(footer: ParquetFooter, fileName: string, timeZone: string): Filling {
  const { columns, leaves } = declaredColumns(footer.schema)
  const draft = draftOfDeclaration({ columns })
  const totals = columnTotals(footer)
  const sampled = new Map<number, SampledColumn>()
  let needsVersion3 = false
  for (const [id, { field, path }] of indexFields(draft.schema)) {
    const leaf = leaves.get(path.join(PATH_SEPARATOR))
    if (typeof field.type === 'string' && V3_TYPES.test(field.type)) needsVersion3 = true
    if (!leaf) {
      sampled.set(id, { text: typeLabel(field.type).split('<')[0] ?? '', type: '', doubt: null })
      continue
    }
    const { node, doubt } = leaf
    const nullCount = totals[node.leaf?.index ?? -1]?.nullCount ?? null
    const range = leafRangeText(footer, node, timeZone)
    // Within lists and maps, nulls are of items and not of rows.
    const isOfRows = node.maxRepetition === 0 && nullCount !== null && nullCount > 0
    const nulls = isOfRows ? `${formatPercent(nullCount / footer.rowCount)} null` : null
    sampled.set(id, {
      text: [range, nulls].filter((part) => part !== null).join(', '),
      type: typeof field.type === 'string' ? field.type : '',
      doubt,
    })
  }
  const name = fileName.replace(/\.(parquet|parq)$/i, '').replaceAll(/[^\p{L}\p{N}_]+/gu, '_')
  return {
    draft: { ...draft, formatVersion: needsVersion3 ? 3 : 2 },
    name: name.toLowerCase().slice(0, 255),
    source: fileName,
    sample: { source: `${fileName}, ${formatQuantity(footer.rowCount, 'row')}`, columns: sampled },
  }
}
