'use client'
import { ActionIcon } from '@mantine/core'
import { IconChevronLeft, IconChevronRight } from '@tabler/icons-react'
import { useVirtualizer } from '@tanstack/react-virtual'
import { type KeyboardEvent, useId, useMemo, useRef, useState } from 'react'
import type { ChunkPosition } from '@/lib/client/table/file-inspection'
import { formatBytes } from '@/lib/format/bytes'
import { formatCount } from '@/lib/format/count'
import { formatRatio } from '@/lib/format/ratio'
import type { ColumnChunk, ParquetFooter } from '@/lib/parquet/footer'
import { dictionaryUse } from '@/lib/scan/inspect/dictionary-use'
import type { ColumnTotals } from '@/lib/scan/inspect/column-totals'
import classes from './chunk-map.module.css'
import { type ChunkMeasure, formatMeasure, measureChunk, shadeOf, shadesOf } from './chunk-measure'

export type { ChunkMeasure } from './chunk-measure'

/** More row groups are shown a window at a time. */
const WINDOW = 40
const ROW_HEIGHT = 26
/** Above this number only the visible columns are drawn. */
const MIN_VIRTUAL_COLUMNS = 60
const MAX_HEIGHT = 26 * 16

type ChunkMapProps = {
  footer: ParquetFooter
  totals: readonly ColumnTotals[]
  measure: ChunkMeasure
  chosen: ChunkPosition | null
  onChoose: (position: ChunkPosition) => void
}

/**
 * Columns down, row groups across, a shade per column chunk. It has one tab stop: arrow keys move, Enter opens a chunk.
 */
export function ChunkMap({ footer, totals, measure, chosen, onChoose }: ChunkMapProps) {
  const { rowGroups } = footer
  const id = useId()
  const scroller = useRef<HTMLDivElement>(null)
  const [active, setActive] = useState<ChunkPosition>(chosen ?? { group: 0, leaf: 0 })
  const [pointed, setPointed] = useState<ChunkPosition | null>(null)
  const firstGroup = Math.floor(active.group / WINDOW) * WINDOW
  const groups = rowGroups.slice(firstGroup, firstGroup + WINDOW)
  const shades = useMemo(() => shadesOf(measure, allValues(footer, measure)), [footer, measure])
  const isVirtual = totals.length > MIN_VIRTUAL_COLUMNS
  const virtualizer = useVirtualizer({
    count: isVirtual ? totals.length : 0,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_HEIGHT,
    overscan: 8,
  })
  const drawn = isVirtual
    ? virtualizer.getVirtualItems()
    : totals.map((_, index) => ({ index, start: index * ROW_HEIGHT }))
  const cellId = ({ group, leaf }: ChunkPosition) => `${id}-${group}-${leaf}`

  const move = (position: ChunkPosition) => {
    const next = {
      group: Math.max(0, Math.min(rowGroups.length - 1, position.group)),
      leaf: Math.max(0, Math.min(totals.length - 1, position.leaf)),
    }
    setActive(next)
    if (isVirtual) virtualizer.scrollToIndex(next.leaf)
    else document.getElementById(cellId(next))?.scrollIntoView?.({ block: 'nearest' })
  }
  const onKeyDown = (event: KeyboardEvent) => {
    const { group, leaf } = active
    const targets: Record<string, ChunkPosition> = {
      ArrowRight: { group: group + 1, leaf },
      ArrowLeft: { group: group - 1, leaf },
      ArrowDown: { group, leaf: leaf + 1 },
      ArrowUp: { group, leaf: leaf - 1 },
      PageDown: { group, leaf: leaf + 10 },
      PageUp: { group, leaf: leaf - 10 },
      Home: { group: 0, leaf: event.ctrlKey ? 0 : leaf },
      End: { group: rowGroups.length - 1, leaf: event.ctrlKey ? totals.length - 1 : leaf },
    }
    const target = targets[event.key]
    if (target) move(target)
    else if (event.key === 'Enter' || event.key === ' ') onChoose(active)
    else return
    event.preventDefault()
  }
  const described = pointed ?? active
  const hasGivenUp = useMemo(() => someChunk(footer, (chunk) => dictionaryUse(chunk) === 'given-up'), [footer])
  return (
    <div className="padded">
      <div
        ref={scroller}
        className={classes.scroller}
        style={{ maxHeight: MAX_HEIGHT }}
        role="grid"
        aria-label="Column chunks"
        aria-rowcount={totals.length}
        aria-colcount={rowGroups.length + 1}
        aria-activedescendant={cellId(active)}
        tabIndex={0}
        onKeyDown={onKeyDown}
        onClick={({ target }) => {
          const position = positionOf(target)
          if (position === null) return
          setActive(position)
          onChoose(position)
        }}
        onPointerOver={({ target }) => setPointed(positionOf(target))}
        onPointerLeave={() => setPointed(null)}
      >
        <div role="rowgroup" style={{ height: totals.length * ROW_HEIGHT, position: 'relative' }}>
          {drawn.map(({ index: leaf, start }) => {
            const column = totals[leaf]
            if (!column) return null
            return (
              <div
                key={leaf}
                role="row"
                aria-rowindex={leaf + 1}
                className={classes.row}
                style={{ transform: `translateY(${start}px)`, height: ROW_HEIGHT }}
              >
                <span role="rowheader" className={classes.name} title={column.name}>
                  {column.name}
                </span>
                <span role="presentation" className={classes.cells}>
                  {groups.map(({ columns }, offset) => {
                    const position = { group: firstGroup + offset, leaf }
                    const chunk = columns[leaf]
                    if (!chunk) return null
                    const isActive = active.group === position.group && active.leaf === leaf
                    return (
                      <span
                        key={position.group}
                        id={cellId(position)}
                        role="gridcell"
                        aria-colindex={position.group + 2}
                        aria-label={describeChunk(footer, position)}
                        aria-selected={chosen?.group === position.group && chosen.leaf === leaf}
                        data-group={position.group}
                        data-leaf={leaf}
                        data-active={isActive || undefined}
                        data-shade={shadeOf(shades, measureChunk(measure, chunk))}
                        data-given-up={dictionaryUse(chunk) === 'given-up' || undefined}
                        className={classes.cell}
                      />
                    )
                  })}
                </span>
                <span role="gridcell" className={classes.total} title="Stored in all row groups">
                  {formatBytes(column.storedBytes)}
                </span>
                <span role="gridcell" className={classes.ratio} title="Encoded to stored, in all row groups">
                  {column.storedBytes === 0 ? '–' : formatRatio(column.encodedBytes / column.storedBytes)}
                </span>
              </div>
            )
          })}
        </div>
      </div>
      <div className={classes.below}>
        {rowGroups.length > WINDOW ? (
          <span className="inline-row gap-6">
            <ActionIcon
              aria-label="Earlier row groups"
              disabled={firstGroup === 0}
              onClick={() => move({ ...active, group: firstGroup - WINDOW })}
            >
              <IconChevronLeft size={15} stroke={1.6} aria-hidden />
            </ActionIcon>
            row groups {formatCount(firstGroup)} to {formatCount(firstGroup + groups.length - 1)} of{' '}
            {formatCount(rowGroups.length)}
            <ActionIcon
              aria-label="Later row groups"
              disabled={firstGroup + WINDOW >= rowGroups.length}
              onClick={() => move({ ...active, group: firstGroup + WINDOW })}
            >
              <IconChevronRight size={15} stroke={1.6} aria-hidden />
            </ActionIcon>
          </span>
        ) : (
          <span>
            {rowGroups.length === 1 ? 'row group 0' : `row groups 0 to ${rowGroups.length - 1}, from left to right`}
          </span>
        )}
        <ul className={classes.legend} aria-label="Legend">
          {shades.map((limit, index) => (
            <li key={index}>
              <span className={classes.mark} data-shade={index + 1} aria-hidden />
              {shades.length > 1 && 'from '}
              {formatMeasure(measure, limit)}
            </li>
          ))}
          {hasGivenUp && (
            <li>
              <span className={classes.dot} aria-hidden />
              dictionary fallback
            </li>
          )}
        </ul>
      </div>
      <p className={classes.described} aria-hidden>
        {describeChunk(footer, described)}
      </p>
    </div>
  )
}

/** The chunk that an element of the map draws. */
function positionOf(target: EventTarget): ChunkPosition | null {
  const cell = target instanceof Element ? target.closest<HTMLElement>('[data-group]') : null
  return cell === null ? null : { group: Number(cell.dataset['group']), leaf: Number(cell.dataset['leaf']) }
}

function* allValues({ rowGroups }: ParquetFooter, measure: ChunkMeasure): Generator<number | null> {
  for (const { columns } of rowGroups) for (const chunk of columns) yield measureChunk(measure, chunk)
}

function someChunk({ rowGroups }: ParquetFooter, matches: (chunk: ColumnChunk) => boolean): boolean {
  return rowGroups.some(({ columns }) => columns.some(matches))
}

/** `quantity, row group 11: 307 KiB stored, 512 KiB encoded, ratio 1.67, zstd, PLAIN RLE_DICTIONARY`. */
function describeChunk({ leaves, rowGroups }: ParquetFooter, { group, leaf }: ChunkPosition): string {
  const chunk: ColumnChunk | undefined = rowGroups[group]?.columns[leaf]
  if (!chunk) return ''
  const { storedBytes, encodedBytes, codec, encodings, statistics } = chunk
  const facts = [
    `${formatBytes(storedBytes)} stored`,
    `${formatBytes(encodedBytes)} encoded`,
    ...(storedBytes === 0 ? [] : [`ratio ${formatRatio(encodedBytes / storedBytes)}`]),
    codec,
    encodings.join(' '),
    statistics?.nullCount == null ? 'nulls unknown' : `${formatCount(statistics.nullCount)} nulls`,
    ...(dictionaryUse(chunk) === 'given-up' ? ['dictionary fallback'] : []),
  ]
  return `${leaves[leaf]?.path.join('.')}, row group ${group}: ${facts.join(', ')}`
}
