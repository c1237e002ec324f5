import { ActionIcon, Button } from '@mantine/core'
import { IconBug, IconGitCompare, IconHistory, IconX } from '@tabler/icons-react'
import Link from 'next/link'
import { Tooltip } from '@/components/ui/controls/tooltip'
import type { Snapshot } from '@/lib/contract/table/snapshots'
import { formatCount } from '@/lib/format/count'
import { MAIN_BRANCH } from '@/lib/iceberg/metadata/metadata-json'
import type { TableIdentifier } from '@/lib/names/identifiers'
import { snapshotPaths } from '@/lib/paths/snapshot-paths'
import classes from './snapshot-list.module.css'

const ICON = { size: 14, stroke: 1.6, 'aria-hidden': true } as const

type SnapshotToolsProps = {
  table: TableIdentifier
  /** The snapshots that are checked in the list, newest first: two at most. */
  picked: readonly Snapshot[]
  mainSnapshotId: string | null
  onClear: () => void
}

/**
 * The tools that search snapshots: for differences, the history of a row, and a breaking commit. While snapshots are
 * selected, only what uses the selection.
 */
export function SnapshotTools({ table, picked, mainSnapshotId, onClear }: SnapshotToolsProps) {
  const states = comparedStates(picked, mainSnapshotId)
  const compareLabel = states.after?.ref === MAIN_BRANCH ? 'Compare with main' : 'Compare'
  return (
    <div className={classes.tools}>
      {picked.length > 0 && (
        <span className={classes.picked} role="status">
          {formatCount(picked.length)} selected
          <Tooltip label="Clear the selection">
            <ActionIcon aria-label="Clear the selection" onClick={onClear}>
              <IconX {...ICON} />
            </ActionIcon>
          </Tooltip>
        </span>
      )}
      <Tooltip label={compareLabel} isNarrowOnly>
        <Button
          component={Link}
          variant="default"
          className="icon-when-narrow"
          href={snapshotPaths.comparison(table, states)}
          leftSection={<IconGitCompare {...ICON} />}
        >
          {compareLabel}
        </Button>
      </Tooltip>
      {picked.length === 0 && (
        <>
          <Tooltip label="Row history" isNarrowOnly>
            <Button
              component={Link}
              variant="default"
              className="icon-when-narrow"
              href={snapshotPaths.rowHistory(table)}
              leftSection={<IconHistory {...ICON} />}
            >
              Row history
            </Button>
          </Tooltip>
          <Tooltip label="Find breaking commit" isNarrowOnly>
            <Button
              component={Link}
              variant="default"
              className="icon-when-narrow"
              href={snapshotPaths.brokenCommit(table)}
              leftSection={<IconBug {...ICON} />}
            >
              Find breaking commit
            </Button>
          </Tooltip>
        </>
      )}
    </div>
  )
}

/** The older snapshot is before. One alone is compared with `main`; without any the page chooses. */
function comparedStates([newer, older]: readonly Snapshot[], mainSnapshotId: string | null) {
  if (newer === undefined || (older === undefined && newer.snapshotId === mainSnapshotId)) return {}
  if (older === undefined) return { before: { snapshotId: newer.snapshotId }, after: { ref: MAIN_BRANCH } }
  return { before: { snapshotId: older.snapshotId }, after: { snapshotId: newer.snapshotId } }
}
