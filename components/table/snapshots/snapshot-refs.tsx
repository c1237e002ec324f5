import { IconGitBranch, IconTag } from '@tabler/icons-react'
import { VisibleText } from '@/components/ui/values/visible-text'
import { isSafetyTagName } from '@/lib/changes/edits/safety-tag-name'
import type { Snapshot } from '@/lib/contract/table/snapshots'
import { visibleText } from '@/lib/format/visible-text'
import classes from './snapshot-list.module.css'

/** The line has room to read as many next to the id of the snapshot. */
const MAX_SHOWN_REFS = 2

/**
 * The refs of a snapshot: main, other branches, then tags. A count replaces those without room and names them in its
 * title and for screen readers.
 *
 * @param props.colour of the snapshot's lane
 */
export function SnapshotRefs({ refs, colour }: { refs: Snapshot['refs']; colour: string }) {
  const ordered = refs.toSorted((a, b) => rankOf(a) - rankOf(b))
  const others = ordered.slice(MAX_SHOWN_REFS).map(({ name, type }) => visibleText(`${type} ${name}`))
  return (
    <>
      {ordered.slice(0, MAX_SHOWN_REFS).map(({ name, type }) => (
        <span
          key={`${type} ${name}`}
          className={classes.ref}
          title={`${type} ${name}${isSafetyTagName(name) ? ', with its time in UTC' : ''}`}
          style={{
            // A short name is whole, of a long one a few letters are. Letters are narrower than the digit of `ch`.
            ...(name.length > 6 ? { minWidth: `min(66px, ${name.length / 2}ch + 27px)` } : { flexShrink: 0 }),
            ...(type === 'branch' && { borderColor: colour, color: 'var(--text)' }),
          }}
        >
          {type === 'branch' ? (
            <IconGitBranch size={12} stroke={1.6} aria-label="branch" />
          ) : (
            <IconTag size={12} stroke={1.6} aria-label="tag" />
          )}
          <span className="truncate">
            <VisibleText>{name}</VisibleText>
          </span>
        </span>
      ))}
      {others.length > 0 && (
        <span className={classes.otherRefs} title={others.join('\n')}>
          <span aria-hidden>+{others.length}</span>
          <span className="sr-only">, {others.join(', ')}</span>
        </span>
      )}
    </>
  )
}

function rankOf({ name, type }: Snapshot['refs'][number]): number {
  if (type === 'tag') return 2
  return name === 'main' ? 0 : 1
}
