'use client'
import { Menu } from '@mantine/core'
import {
  IconCheck,
  IconEyePlus,
  IconListDetails,
  IconListTree,
  IconPlayerTrackNext,
  IconWand,
} from '@tabler/icons-react'
import { useRouter } from 'next/navigation'
import { type LoadedMenuProps, menuAnchor } from '@/components/ui/controls/lazy-menu'
import { ReasonedItem } from '@/components/ui/controls/reasoned-item'
import { Key } from '@/components/ui/values/key'
import { usePermissions } from '@/lib/client/session/permissions'
import classes from './run-menu.module.css'
import { type EditedText, viewOfStatement } from './view-of-statement'

export type RunMenuActions = {
  onRunAll: () => void
  /** @param isAnalyze runs the statement */
  onExplain: (options: { isAnalyze: boolean }) => void
  onFormat: () => void
  isPreviewOn: boolean
  onPreviewChange: (isOn: boolean) => void
  /** The text that *Save as view* passes on. */
  text: EditedText
}

const ICON = { size: 15, stroke: 1.6, 'aria-hidden': true } as const

/** Further actions on the statements of the text. */
export function RunMenuItems({
  actions,
  canRun,
  opened,
  onChange,
}: LoadedMenuProps & { actions: RunMenuActions; canRun: boolean }) {
  const router = useRouter()
  const canCreate = usePermissions()?.includes('table:write') === true
  const { address, off } = viewOfStatement(actions.text)
  return (
    <Menu position="bottom-start" width={260} opened={opened} onChange={onChange}>
      <Menu.Target>{menuAnchor()}</Menu.Target>
      <Menu.Dropdown aria-label="Query options" aria-labelledby={undefined}>
        <Menu.Item
          leftSection={<IconPlayerTrackNext {...ICON} />}
          rightSection={<Key>Ctrl ⇧ ↵</Key>}
          disabled={!canRun}
          onClick={actions.onRunAll}
        >
          Run all statements
        </Menu.Item>
        <Menu.Divider />
        <Menu.Item
          leftSection={<IconListTree {...ICON} />}
          disabled={!canRun}
          onClick={() => actions.onExplain({ isAnalyze: false })}
        >
          Explain
        </Menu.Item>
        <Menu.Item
          leftSection={<IconListDetails {...ICON} />}
          disabled={!canRun}
          onClick={() => actions.onExplain({ isAnalyze: true })}
        >
          Explain and run
        </Menu.Item>
        <Menu.Divider />
        <Menu.Item
          leftSection={<IconWand {...ICON} />}
          disabled={actions.text.sql.trim() === ''}
          onClick={actions.onFormat}
        >
          Format
        </Menu.Item>
        {canCreate && (
          <>
            <Menu.Divider />
            <ReasonedItem icon={IconEyePlus} off={off} onClick={() => address !== null && router.push(address)}>
              Save as view…
            </ReasonedItem>
          </>
        )}
        <Menu.Divider />
        <Menu.Item
          role="menuitemcheckbox"
          aria-checked={actions.isPreviewOn}
          leftSection={actions.isPreviewOn ? <IconCheck {...ICON} /> : <span className={classes.unchecked} />}
          onClick={() => actions.onPreviewChange(!actions.isPreviewOn)}
        >
          Preview as you type
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  )
}
