'use client'
import { Menu } from '@mantine/core'
import {
  IconArrowBackUp,
  IconArrowMoveRight,
  IconClockX,
  IconGitBranch,
  IconCherry,
  IconCopy,
  IconGitCompare,
  IconHistory,
  IconPlayerTrackNext,
  IconTag,
  IconTarget,
} from '@tabler/icons-react'
import { useRouter } from 'next/navigation'
import { PICK_REFUSALS } from '@/components/table/publishing/describe-refusal'
import { useShownTable } from '@/components/table/frame/shown-table'
import { useChooseAsOf } from '@/components/table/frame/use-as-of'
import { type LoadedMenuProps, menuAnchor } from '@/components/ui/controls/lazy-menu'
import { usePermissions } from '@/lib/client/session/permissions'
import type { Snapshot } from '@/lib/contract/table/snapshots'
import { formatCountChange, formatQuantity } from '@/lib/format/count'
import { MAIN_BRANCH } from '@/lib/iceberg/metadata/metadata-json'
import { paths } from '@/lib/paths/paths'
import { snapshotPaths } from '@/lib/paths/snapshot-paths'
import { ReasonedItem } from '@/components/ui/controls/reasoned-item'
import { subjectText } from '../expiry/expiry-choice'
import { type RelationToMain, relationToMain } from '../refs/relation-to-main'
import { useRefAbilities } from '../refs/use-ref-abilities'
import type { SnapshotPanels } from '../refs/use-snapshot-panels'

type SnapshotMenuProps = LoadedMenuProps & {
  snapshot: Snapshot
  mainSnapshotId: string | null
  panels: Pick<SnapshotPanels, 'openMove' | 'openEdit' | 'openStep'>
}

/** The actions on a snapshot. Those that do not apply are disabled, with the reason. */
export function SnapshotMenu(props: SnapshotMenuProps) {
  const { snapshot, mainSnapshotId, panels, opened, onChange } = props
  const { snapshotId } = snapshot
  const relation = relationToMain(mainSnapshotId, snapshot)
  const { table, detail } = useShownTable()
  const choose = useChooseAsOf()
  const router = useRouter()
  const { isOffered, moveOff, tagOff } = useRefAbilities()
  const canClone = usePermissions()?.includes('table:write') === true
  const { kind } = relation
  const others = detail.refs.filter((ref) => ref.type === 'branch' && ref.snapshotId !== snapshotId)
  const other = others.find(({ name }) => name === MAIN_BRANCH) ?? others[0]
  const moveMain = () => panels.openMove(MAIN_BRANCH, { snapshotId })
  return (
    <Menu position="bottom-end" width={340} opened={opened} onChange={onChange} returnFocus>
      <Menu.Target>{menuAnchor()}</Menu.Target>
      <Menu.Dropdown aria-label={`Snapshot ${snapshotId} options`} aria-labelledby={undefined}>
        <ReasonedItem icon={IconHistory} onClick={() => choose({ snapshotId })}>
          View the table at this snapshot
        </ReasonedItem>
        <ReasonedItem
          icon={IconGitCompare}
          off={kind === 'tip' ? 'is main' : kind === 'none' ? 'no main' : null}
          onClick={() =>
            router.push(snapshotPaths.comparison(table, { before: { ref: MAIN_BRANCH }, after: { snapshotId } }))
          }
        >
          Compare with main
        </ReasonedItem>
        {canClone && (
          <ReasonedItem
            icon={IconCopy}
            onClick={() => router.push(`${paths.table(table, 'snapshots', { snapshotId })}&action=clone`)}
          >
            Clone the table at this snapshot…
          </ReasonedItem>
        )}
        {isOffered && (
          <>
            <Menu.Divider />
            <ReasonedItem
              icon={IconPlayerTrackNext}
              off={moveOff ?? (kind === 'ahead' ? null : forwardOff(kind))}
              {...(relation.kind === 'ahead' && { note: `+${formatQuantity(relation.stepCount, 'snapshot')}` })}
              onClick={moveMain}
            >
              Fast-forward main to here…
            </ReasonedItem>
            <ReasonedItem
              icon={IconCherry}
              off={moveOff ?? (snapshot.cherryPickRefusal && PICK_REFUSALS[snapshot.cherryPickRefusal])}
              {...(snapshot.rows.added !== null && { note: `${formatCountChange(snapshot.rows.added)} rows` })}
              onClick={() => panels.openStep('cherry-pick', snapshotId)}
            >
              Cherry-pick onto main…
            </ReasonedItem>
            <ReasonedItem
              icon={IconArrowBackUp}
              off={moveOff ?? (kind === 'behind' ? null : kind === 'tip' ? 'is main' : 'not behind main')}
              onClick={moveMain}
            >
              Roll main back to here…
            </ReasonedItem>
            <ReasonedItem icon={IconTarget} off={moveOff ?? (kind === 'tip' ? 'is current' : null)} onClick={moveMain}>
              Set as current snapshot…
            </ReasonedItem>
            <ReasonedItem
              icon={IconArrowMoveRight}
              off={moveOff ?? (other === undefined ? 'every branch is here' : null)}
              onClick={() => other && panels.openMove(other.name, { snapshotId })}
            >
              Move a branch to here…
            </ReasonedItem>
            <Menu.Divider />
            <ReasonedItem icon={IconGitBranch} off={moveOff} onClick={() => panels.openEdit('branch', snapshotId)}>
              New branch here…
            </ReasonedItem>
            <ReasonedItem icon={IconTag} off={tagOff} onClick={() => panels.openEdit('tag', snapshotId)}>
              New tag here…
            </ReasonedItem>
            <Menu.Divider />
            <ReasonedItem
              icon={IconClockX}
              off={moveOff}
              onClick={() =>
                panels.openEdit('expire', subjectText({ kind: 'before', beforeMs: snapshot.committedAtMs }))
              }
            >
              Expire what is older…
            </ReasonedItem>
            <ReasonedItem
              icon={IconClockX}
              off={moveOff ?? (snapshot.refs.length > 0 ? 'a ref is here' : null)}
              onClick={() => panels.openEdit('expire', subjectText({ kind: 'snapshots', ids: [snapshotId] }))}
            >
              Expire this snapshot…
            </ReasonedItem>
          </>
        )}
      </Menu.Dropdown>
    </Menu>
  )
}

function forwardOff(kind: Exclude<RelationToMain['kind'], 'ahead'>): string {
  if (kind === 'tip') return 'is main'
  return kind === 'behind' ? 'behind main' : 'not ahead of main'
}
