import { formatPercent } from '@/lib/format/percent'
import { formatQuantity } from '@/lib/format/count'
import { draftOfDeclaration } from '@/lib/changes/new-table/new-table-draft'
import { minFormatVersion } from '@/lib/iceberg/metadata/table-rules'
import { indexFields } from '@/lib/iceberg/schema/schema'
import { type ParquetFooter, readFooter } from '@/lib/parquet/footer'
import { columnTotals } from '@/lib/scan/inspect/column-totals'
import { declaredColumns, PATH_SEPARATOR } from '@/lib/changes/declaration/declared-columns'
import { leafRangeText } from '@/lib/scan/inspect/leaf-range'
import type { Filling } from '../filling'
import type { SampledColumn } from '../sample-column'
import { tableNameOf } from './table-name-of'

/** The table that a Parquet file needs, with statistics of each column. Reads only the footer. */
export async function readFileAsTable(file: File, timeZone: string): Promise<Filling> {
  const footer = await readFooter({
    name: file.name,
    byteLength: file.size,
    read: async (start, end) => new Uint8Array(await file.slice(start, end).arrayBuffer()),
  })
  return footerAsTable(footer, file.name, timeZone)
}

export function footerAsTable(footer: ParquetFooter, fileName: string, timeZone: string): Filling {
  const { columns, leaves } = declaredColumns(footer.schema)
  const draft = draftOfDeclaration({ columns })
  const totals = columnTotals(footer)
  const sampled = new Map<number, SampledColumn>()
  for (const [id, { field, path }] of indexFields(draft.schema)) {
    const leaf = leaves.get(path.join(PATH_SEPARATOR))
    if (!leaf) {
      sampled.set(id, { text: '', type: '', doubt: null })
      continue
    }
    const { node, doubt } = leaf
    const nullCount = totals[node.leaf?.index ?? -1]?.nullCount ?? null
    const range = leafRangeText(footer, node, timeZone)
    sampled.set(id, {
      // Within lists and maps, nulls are of items and not of rows.
      text: node.maxRepetition === 0 ? statisticsText(range, nullCount, footer.rowCount) : (range ?? ''),
      type: typeof field.type === 'string' ? field.type : '',
      doubt,
    })
  }
  return {
    draft: { ...draft, formatVersion: minFormatVersion(draft.schema) },
    name: tableNameOf(fileName),
    source: fileName,
    sample: {
      source: `${fileName}, ${formatQuantity(footer.rowCount, 'row')}`,
      columns: sampled,
      unreadable: null,
      rows: null,
      countMisfits: null,
      paths: new Map(),
    },
  }
}

function statisticsText(range: string | null, nullCount: number | null, rowCount: number): string {
  if (rowCount === 0) return ''
  if (nullCount === null) return range ?? 'no statistics'
  if (nullCount === 0) return range ?? 'no nulls'
  return [range, `${formatPercent(nullCount / rowCount)} null`].filter((part) => part !== null).join(', ')
}
