import { tableLabel } from '@/components/about/table-link'
import { MAX_MONTHS, STORAGE_CUTS, type StorageCut, toStorageCut } from '@/lib/facts/storage-cuts'
import type { Compression } from '@/lib/contract/dashboards'
import { formatCount } from '@/lib/format/count'
import { formatMonth } from '@/lib/format/time'
import type { TableIdentifier } from '@/lib/names/identifiers'
import { comparedBytes, notReadReason } from './sizes'

export const CUTS = ['column', 'codec', 'table', ...STORAGE_CUTS] as const
export type Cut = (typeof CUTS)[number]
export const CUT_NAMES = {
  column: 'Column',
  codec: 'Codec',
  table: 'Table',
  writer: 'Writer',
  age: 'Age',
} as const

export type MadeOfRow = {
  key: string
  name: string
  /** Null: not one table. */
  table: TableIdentifier | null
  /** The table, before the name of a column. */
  prefix: string | null
  codec: string | null
  codecTitle: string | undefined
  /** Null: not known. */
  plainBytes: number | null
  encodedBytes: number | null
  storedBytes: number
  unknownReason: string
  isApproximate: boolean
  ratios: readonly (number | null)[]
  ratio: number | null
  isTotal: boolean
}

type Sizes = { plainBytes: number; encodedBytes: number; storedBytes: number }

/** The rows of a cut. They add up to the last one, whichever files were read. */
export function toMadeOfRows(data: Compression, cut: Cut): { rows: MadeOfRow[]; lastRows: MadeOfRow[] } {
  const filesBy = toStorageCut(cut)
  if (filesBy !== null) {
    const { rows, others } = groupRows(data, filesBy)
    // They are of whole files.
    const files = fileRows(data).filter(({ key }) => key !== FOOTERS)
    return { rows, lastRows: [...others, ...files, totalRow(data)] }
  }
  const ofCut = cut === 'column' ? columnRows(data) : cut === 'codec' ? codecRows(data) : tableRows(data)
  return { rows: ofCut.rows, lastRows: [...ofCut.others, ...(cut === 'table' ? [] : fileRows(data)), totalRow(data)] }
}

const FOOTERS = 'footers'

const GROUP_NAMES = {
  writer: { others: 'Other writers', unknown: 'Writer not known' },
  age: { others: `Older than ${MAX_MONTHS} months`, unknown: 'Commit not known' },
} as const

function groupRows({ fileGroups }: Compression, cut: StorageCut): CutRows {
  const toGroupRow = ({ kind, name, ...sizes }: NonNullable<Compression['fileGroups']>['groups'][number]) =>
    toRow(
      `${kind} ${name}`,
      kind !== 'named'
        ? GROUP_NAMES[cut][kind]
        : cut === 'writer'
          ? name
          : formatMonth(Date.parse(`${name}-01`), 'UTC'),
      sizes,
      { ratio: sizes.plainBytes > 0 && sizes.storedBytes > 0 ? sizes.plainBytes / sizes.storedBytes : null },
    )
  const [named, others] = [true, false].map((isNamed) =>
    (fileGroups?.groups ?? []).filter(({ kind }) => (kind === 'named') === isNamed).map(toGroupRow),
  )
  return { rows: named ?? [], others: others ?? [] }
}

type CutRows = { rows: MadeOfRow[]; others: MadeOfRow[] }

function columnRows({ columns, otherColumns }: Compression): CutRows {
  const isOnlyTable = new Set(columns.map(({ table }) => `${table.catalog} ${tableLabel(table)}`)).size <= 1
  return {
    rows: columns.map(({ table, column, codecs, isEstimated, ratios, type, ...sizes }) =>
      toRow(`${table.catalog} ${tableLabel(table)} ${column}`, column, sizes, {
        table,
        prefix: isOnlyTable ? '' : table.table,
        codec: codecs.length > 1 ? 'mixed' : (codecs[0] ?? null),
        codecTitle: [type, codecs.join(', ')].join(', '),
        isApproximate: isEstimated,
        ratios,
      }),
    ),
    others: othersRow(otherColumns.columnCount, 'column', otherColumns),
  }
}

function codecRows({ codecs }: Compression): CutRows {
  return { rows: codecs.map(({ codec, ratios, ...sizes }) => toRow(codec, codec, sizes, { ratios })), others: [] }
}

function tableRows({ tables, otherTables, sizes: { isProjected } }: Compression): CutRows {
  return {
    rows: tables.map(({ table, codec, isEstimated, unreadBytes, ratios, ...sizes }) =>
      toRow(`${table.catalog} ${tableLabel(table)}`, tableLabel(table), sizes, {
        table,
        codec: codec ?? 'not set',
        isApproximate: isEstimated || (isProjected && unreadBytes > 0),
        ratios,
      }),
    ),
    others: othersRow(otherTables.tableCount, 'table', otherTables),
  }
}

function othersRow(
  count: number,
  noun: string,
  { ratios, ...sizes }: Sizes & { ratios: readonly (number | null)[] },
): MadeOfRow[] {
  if (count === 0 && sizes.storedBytes === 0) return []
  // Before a table was measured, its bytes are known and it is not.
  const name = count === 0 ? `Other ${noun}s` : `${formatCount(count)} other ${noun}${count === 1 ? '' : 's'}`
  return [toRow('others', name, sizes, { ratios })]
}

/** The bytes that are in no column. */
function fileRows({ sizes, codecs }: Compression): MadeOfRow[] {
  const { footerBytes, deleteBytes, unreadBytes, isProjected } = sizes
  const without = (key: string, name: string, storedBytes: number, unknownReason: string): MadeOfRow[] =>
    storedBytes === 0
      ? []
      : [{ ...toRow(key, name, { ...NO_SIZES, storedBytes }), plainBytes: null, encodedBytes: null, unknownReason }]
  const read = (size: 'plainBytes' | 'encodedBytes') => codecs.reduce((total, one) => total + one[size], 0)
  const unread: MadeOfRow[] =
    unreadBytes > 0 && isProjected
      ? [
          toRow(
            'unread',
            'Files that were not read',
            {
              plainBytes: sizes.plainBytes - read('plainBytes'),
              encodedBytes: sizes.encodedBytes - read('encodedBytes'),
              storedBytes: unreadBytes,
            },
            { isApproximate: true },
          ),
        ]
      : without('unread', 'Files that were not read', unreadBytes, 'their footers were not read')
  return [
    ...without(FOOTERS, 'Footers and indexes', footerBytes, 'they have no values'),
    ...without('deletes', 'Delete files', deleteBytes, 'they have no values'),
    ...unread,
  ]
}

const NO_SIZES: Sizes = { plainBytes: 0, encodedBytes: 0, storedBytes: 0 }

function totalRow(data: Compression): MadeOfRow {
  const { sizes, levels } = data
  const { plainBytes, encodedBytes, storedBytes, isProjected, unreadBytes, isEstimated } = sizes
  const isKnown = plainBytes > 0
  const row = toRow(
    'total',
    'Stored',
    { plainBytes, encodedBytes, storedBytes },
    {
      isApproximate: isEstimated || (isProjected && unreadBytes > 0),
      ratios: levels.map((level) =>
        level.plainBytes === null || level.storedBytes === 0 ? null : level.plainBytes / level.storedBytes,
      ),
    },
  )
  return {
    ...row,
    ...(!isKnown && { plainBytes: null, encodedBytes: null }),
    ratio: isKnown ? plainBytes / comparedBytes(sizes) : null,
    unknownReason: notReadReason(data),
    isTotal: true,
  }
}

function toRow(key: string, name: string, sizes: Sizes, more: Partial<MadeOfRow> = {}): MadeOfRow {
  const { plainBytes, encodedBytes, storedBytes } = sizes
  const ratios = more.ratios ?? []
  const isKnown = plainBytes > 0
  return {
    key,
    name,
    table: null,
    prefix: null,
    codec: null,
    codecTitle: undefined,
    plainBytes: isKnown ? plainBytes : null,
    encodedBytes: isKnown ? encodedBytes : null,
    storedBytes,
    unknownReason: 'its footers were not read',
    isApproximate: false,
    isTotal: false,
    ...more,
    ratios,
    ratio: more.ratio ?? ratios.at(-1) ?? null,
  }
}
