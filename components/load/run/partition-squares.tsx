import type { AddedFiles, AddedPartition } from '@/lib/contract/table/added-files'
import { formatBytes } from '@/lib/format/bytes'
import { formatCount, formatQuantity } from '@/lib/format/count'
import { visibleText } from '@/lib/format/visible-text'
import { toCalendar } from './partition-calendar'
import classes from './written-files.module.css'

/** More squares would say no more than their number. */
const MAX_SQUARES = 600

/** A square for each partition: in a calendar if the partitions are a time, otherwise in their order. */
export function PartitionSquares({ added }: { added: AddedFiles }) {
  const { partitions, partitionCount, partitionTime } = added
  if (partitionTime === null) {
    const shown = partitions.slice(0, MAX_SQUARES)
    return (
      <div className={classes.squares}>
        <div className={classes.plain} role="img" aria-label={describe(partitionCount, shown)}>
          {shown.map((partition) => (
            <Square key={partition.label} partition={partition} />
          ))}
        </div>
        <Rest
          notes={
            partitionCount > shown.length
              ? [`The first ${formatCount(shown.length)} of ${formatQuantity(partitionCount, 'partition')}.`]
              : []
          }
        />
      </div>
    )
  }
  const { rows, rowNoun, hiddenRowCount, others } = toCalendar(partitions, partitionTime)
  const columnCount = partitionTime === 'day' ? 31 : partitionTime === 'hour' ? 24 : 12
  return (
    <div className={classes.squares}>
      <div className={classes.calendar} role="img" aria-label={describe(partitionCount, partitions)}>
        {rows.map(({ label, cells }) => (
          <div key={label} className={classes.week}>
            <span className={classes.label}>{label}</span>
            <div className={classes.cells} style={{ gridTemplateColumns: `repeat(${columnCount}, minmax(0, 1fr))` }}>
              {cells.map((partition, column) => (
                <Square key={column} partition={partition} />
              ))}
            </div>
          </div>
        ))}
      </div>
      <Rest
        notes={[
          ...(hiddenRowCount > 0 ? [`${formatQuantity(hiddenRowCount, `earlier ${rowNoun}`)} not shown.`] : []),
          ...(partitionCount > partitions.length
            ? [`${formatQuantity(partitionCount - partitions.length, 'more partition')} not shown.`]
            : []),
          ...others.map((partition) => `${describeOne(partition)}.`),
        ]}
      />
    </div>
  )
}

function Square({ partition }: { partition: AddedPartition | null }) {
  if (partition === null) return <span className={classes.square} />
  return <span className={classes.square} data-written title={describeOne(partition)} />
}

function Rest({ notes }: { notes: readonly string[] }) {
  return notes.length > 0 && <p className={classes.legend}>{notes.join(' ')}</p>
}

function describe(partitionCount: number, shown: readonly AddedPartition[]): string {
  const ends = [shown[0], shown.at(-1)].map((partition) => visibleText(partition?.label ?? ''))
  return `${formatQuantity(partitionCount, 'partition')}, from ${ends.join(' to ')}`
}

function describeOne({ label, rowCount, fileCount, bytes }: AddedPartition): string {
  return `${visibleText(label)}: ${formatQuantity(rowCount, 'row')}, ${formatQuantity(fileCount, 'file')}, ${formatBytes(bytes)}`
}
