import { Unknown } from '@/components/ui/values/unknown'
import { formatBytesChange } from '@/lib/format/bytes'
import { formatCountChange } from '@/lib/format/count'
import classes from './change-figure.module.css'

type Change = { added: number | null; removed: number | null }
const NOT_IN_SUMMARY = 'not in the summary of this snapshot'

/** The amounts that a commit added and removed, each with its sign; a plain 0 if it did neither. */
export function CountChange({ change: { added, removed } }: { change: Change }) {
  if (added === null && removed === null) return <Unknown reason={NOT_IN_SUMMARY} />
  const isAdding = added !== null && added > 0
  const isRemoving = removed !== null && removed > 0
  if (!isAdding && !isRemoving) return <span className="quiet">0</span>
  return (
    <span className={classes.change}>
      {isAdding && <span className="added">{formatCountChange(added)}</span>}
      {isRemoving && <span className="removed">{formatCountChange(-removed)}</span>}
    </span>
  )
}

/** Net bytes of a commit. It has no colour, because more is not better and less is not worse. */
export function ByteChange({ change: { added, removed } }: { change: Change }) {
  if (added === null && removed === null) return <Unknown reason={NOT_IN_SUMMARY} />
  const net = (added ?? 0) - (removed ?? 0)
  return net === 0 ? <span className="quiet">0</span> : <span>{formatBytesChange(net)}</span>
}
