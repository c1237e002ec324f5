'use client'
import { Panel } from '@/components/ui/panel'
import type { Sortedness } from '@/lib/contract/table/layout'
import { formatCount, formatQuantity } from '@/lib/format/count'
import classes from './sortedness.module.css'

/** Room for the gaps between partitions in the drawing, in pixels. */
const GAPS_PX = 40
const MAX_GAP_PX = 5

/** How far the files of each partition are apart in a column. */
export function SortednessPanel({ sortedness }: { sortedness: Sortedness }) {
  const { column, comparedFiles, overlappingFiles, unknownFiles, exampleFiles } = sortedness
  const { averageFilesPerValue, mostFilesPerValue, partitionCount } = sortedness
  const isPartitioned = partitionCount > 1
  const partitions = formatQuantity(partitionCount, 'partition')
  const drawnPartitions = new Set(exampleFiles.map(({ partition }) => partition)).size
  const gapPx = Math.min(MAX_GAP_PX, GAPS_PX / drawnPartitions)
  const apartFiles = comparedFiles - overlappingFiles
  if (comparedFiles === 0) {
    return (
      <Panel title="How sorted the files are" subtitle={`bounds of ${column}`}>
        <p className="bare secondary dense">
          No file has bounds of this column, so it is unknown how sorted the files are.
        </p>
      </Panel>
    )
  }
  return (
    <Panel
      title="How sorted the files are"
      subtitle={`bounds of ${column}${isPartitioned ? `, within each of ${partitions}` : ''}`}
    >
      <div className={classes.sorted}>
        <div aria-hidden>
          <div className={classes.drawn}>
            {exampleFiles.map(({ lower, upper, from, to, isOverlapping, partition }, i) => (
              <span
                key={i}
                data-overlapping={isOverlapping || undefined}
                data-begins-partition={beginsPartition(exampleFiles, i) || undefined}
                style={{
                  marginLeft: `${from * 100}%`,
                  width: `${(to - from) * 100}%`,
                  ...(beginsPartition(exampleFiles, i) && { marginTop: gapPx }),
                }}
                title={`${lower} to ${upper}${isPartitioned ? `, partition ${partition + 1} of ${partitionCount}` : ''}`}
              />
            ))}
          </div>
          <div className={classes.ends}>
            <code title={exampleFiles[0]?.lower}>{exampleFiles[0]?.lower}</code>
            <code title={highest(exampleFiles)}>{highest(exampleFiles)}</code>
          </div>
        </div>
        <ul className={classes.legend}>
          <li>
            <span className={classes.mark} data-overlapping aria-hidden />
            {overlappingFiles === 0
              ? `No files overlap${isPartitioned ? ' within a partition' : ''}`
              : `${formatQuantity(overlappingFiles, 'file')} ${overlappingFiles === 1 ? 'overlaps' : 'overlap'}${isPartitioned ? ' within a partition' : ''}`}
          </li>
          <li>
            <span className={classes.mark} aria-hidden />
            {formatCount(apartFiles)} {apartFiles === 1 ? 'does' : 'do'} not
            {isPartitioned ? ' overlap another file of their partition' : ' overlap'}
          </li>
          {drawnPartitions > 1 && <li className="quiet">a gap between partitions</li>}
          {comparedFiles > exampleFiles.length && <li className="quiet">{exampleFiles.length} drawn</li>}
        </ul>
        <p>
          Looking up one <code>{column}</code>
          {isPartitioned && ` in all ${partitions}`} opens{' '}
          <strong>
            {averageFilesPerValue === mostFilesPerValue ? mostFilesPerValue : averageFilesPerValue.toFixed(1)} of{' '}
            {formatQuantity(comparedFiles + unknownFiles, 'file')}
          </strong>
          {averageFilesPerValue !== mostFilesPerValue && ` on average, ${mostFilesPerValue} at most`}.
          {isPartitioned &&
            mostFilesPerValue > 1 &&
            ' Files of different partitions can hold the same values without overlapping within a partition.'}
          {unknownFiles > 0 &&
            ` ${formatQuantity(unknownFiles, 'file')} without bounds ${unknownFiles === 1 ? 'is' : 'are'} opened each time.`}
        </p>
      </div>
    </Panel>
  )
}

function beginsPartition(drawn: Sortedness['exampleFiles'], index: number): boolean {
  const before = drawn[index - 1]
  return before !== undefined && before.partition !== drawn[index]?.partition
}

function highest(drawn: Sortedness['exampleFiles']): string {
  return (
    drawn.reduce<Sortedness['exampleFiles'][number] | null>(
      (most, one) => (most && most.to >= one.to ? most : one),
      null,
    )?.upper ?? ''
  )
}
