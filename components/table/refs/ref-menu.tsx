'use client'
import { Menu } from '@mantine/core'
import {
  IconArrowMoveRight,
  IconClockEdit,
  IconGitBranch,
  IconGitCompare,
  IconHistory,
  IconPencil,
  IconPlayerTrackNext,
  IconTag,
  IconTrash,
} from '@tabler/icons-react'
import { useRouter } from 'next/navigation'
import { useShownTable } from '@/components/table/frame/shown-table'
import { useChooseAsOf } from '@/components/table/frame/use-as-of'
import { type LoadedMenuProps, menuAnchor } from '@/components/ui/controls/lazy-menu'
import type { RefDetail } from '@/lib/contract/table/refs'
import { formatQuantity } from '@/lib/format/count'
import { MAIN_BRANCH } from '@/lib/iceberg/metadata/metadata-json'
import { snapshotPaths } from '@/lib/paths/snapshot-paths'
import { ReasonedItem } from '@/components/ui/controls/reasoned-item'
import { useRefAbilities } from './use-ref-abilities'
import type { SnapshotPanels } from './use-snapshot-panels'

type RefMenuProps = LoadedMenuProps & {
  /** The branch or tag. */
  target: RefDetail
  panels: Pick<SnapshotPanels, 'openMove' | 'openEdit'>
}

/** The actions on a branch or a tag. Those that do not apply are disabled, with the reason. */
export function RefMenu({ target, panels, opened, onChange }: RefMenuProps) {
  const { name, type, snapshotId, aheadCount, behindCount } = target
  const { table, detail } = useShownTable()
  const choose = useChooseAsOf()
  const router = useRouter()
  const { isOffered, moveOff, tagOff } = useRefAbilities()
  const isMain = name === MAIN_BRANCH
  const hasMain = detail.refs.some((ref) => ref.name === MAIN_BRANCH)
  const changeOff = moveOff ?? (isMain ? 'every table has main' : null)
  return (
    <Menu position="bottom-end" width={340} opened={opened} onChange={onChange} returnFocus>
      <Menu.Target>{menuAnchor()}</Menu.Target>
      <Menu.Dropdown aria-label={`${name} options`} aria-labelledby={undefined}>
        <ReasonedItem icon={IconHistory} onClick={() => choose({ ref: name })}>
          View the table at this {type}
        </ReasonedItem>
        <ReasonedItem
          icon={IconGitCompare}
          off={isMain ? 'is main' : hasMain ? null : 'no main'}
          onClick={() =>
            router.push(snapshotPaths.comparison(table, { before: { ref: MAIN_BRANCH }, after: { ref: name } }))
          }
        >
          Compare with main
        </ReasonedItem>
        {isOffered && (
          <>
            <Menu.Divider />
            <ReasonedItem
              icon={IconPlayerTrackNext}
              off={moveOff ?? forwardMainOff(target, hasMain)}
              note={`+${formatQuantity(aheadCount ?? 0, 'snapshot')}`}
              onClick={() => panels.openMove(MAIN_BRANCH, { ref: name })}
            >
              Fast-forward main to here…
            </ReasonedItem>
            <ReasonedItem
              icon={IconPlayerTrackNext}
              off={moveOff ?? forwardToMainOff(target, hasMain)}
              note={`+${formatQuantity(behindCount ?? 0, 'snapshot')}`}
              onClick={() => panels.openMove(name, { ref: MAIN_BRANCH })}
            >
              Fast-forward to main…
            </ReasonedItem>
            <ReasonedItem icon={IconArrowMoveRight} off={moveOff} onClick={() => panels.openMove(name, null)}>
              Move to a snapshot or a time…
            </ReasonedItem>
            <Menu.Divider />
            <ReasonedItem icon={IconGitBranch} off={moveOff} onClick={() => panels.openEdit('branch', snapshotId)}>
              New branch here…
            </ReasonedItem>
            <ReasonedItem icon={IconTag} off={tagOff} onClick={() => panels.openEdit('tag', snapshotId)}>
              New tag here…
            </ReasonedItem>
            <Menu.Divider />
            <ReasonedItem icon={IconPencil} off={changeOff} onClick={() => panels.openEdit('rename', name)}>
              Rename…
            </ReasonedItem>
            <ReasonedItem
              icon={IconClockEdit}
              off={type === 'tag' ? tagOff : moveOff}
              onClick={() => panels.openEdit('retention', name)}
            >
              Change retention…
            </ReasonedItem>
            <ReasonedItem icon={IconTrash} off={changeOff} onClick={() => panels.openEdit('remove', name)}>
              Remove…
            </ReasonedItem>
          </>
        )}
      </Menu.Dropdown>
    </Menu>
  )
}

function forwardMainOff({ name, aheadCount, behindCount }: RefDetail, hasMain: boolean): string | null {
  if (name === MAIN_BRANCH) return 'is main'
  if (aheadCount === null || behindCount === null) return hasMain ? 'history has expired' : 'no main'
  if (aheadCount === 0) return 'not ahead of main'
  return behindCount === 0 ? null : 'main has moved on'
}

function forwardToMainOff({ name, type, aheadCount, behindCount }: RefDetail, hasMain: boolean): string | null {
  if (name === MAIN_BRANCH) return 'is main'
  if (type === 'tag') return 'for branches only'
  if (aheadCount === null || behindCount === null) return hasMain ? 'history has expired' : 'no main'
  if (behindCount === 0) return 'not behind main'
  return aheadCount === 0 ? null : 'has snapshots of its own'
}
