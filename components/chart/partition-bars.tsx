import { formatCount, formatQuantity } from '@/lib/format/count'
import classes from './partition-bars.module.css'

/** The rows of a sample by partition, in the order of the labels, of which the first and the last are written below. */
export function PartitionBars({ partitions }: { partitions: readonly { label: string; rowCount: number }[] }) {
  const counts = partitions.map(({ rowCount }) => rowCount)
  const most = Math.max(1, ...counts)
  const range = `from ${formatCount(Math.min(...counts))} to ${formatCount(most)}`
  return (
    <div>
      <div
        className={classes.bars}
        role="img"
        aria-label={`Rows of ${formatQuantity(partitions.length, 'partition')} in the sample, ${range}`}
      >
        {partitions.map(({ label, rowCount }) => (
          <span
            key={label}
            title={`${label}: ${formatQuantity(rowCount, 'row')} of the sample`}
            style={{ height: `${(rowCount / most) * 100}%` }}
          />
        ))}
      </div>
      <p className={classes.ends}>
        <span>{partitions[0]?.label}</span>
        <span>{partitions.at(-1)?.label}</span>
      </p>
    </div>
  )
}
