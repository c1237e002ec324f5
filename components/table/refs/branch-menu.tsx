'use client'
import { Menu } from '@mantine/core'
import { type LoadedMenuProps, menuAnchor } from '@/components/ui/controls/lazy-menu'

/** Branches to choose one of. */
export function BranchMenu({
  branches,
  branch,
  onPick,
  opened,
  onChange,
}: LoadedMenuProps & { branches: readonly string[]; branch: string; onPick: (branch: string) => void }) {
  return (
    <Menu position="bottom-start" width={240} opened={opened} onChange={onChange}>
      <Menu.Target>{menuAnchor()}</Menu.Target>
      <Menu.Dropdown aria-label="Branch" aria-labelledby={undefined} style={{ maxHeight: 320, overflowY: 'auto' }}>
        {branches.map((name) => (
          <Menu.RadioItem key={name} value={name} checked={name === branch} onClick={() => onPick(name)}>
            {name}
          </Menu.RadioItem>
        ))}
      </Menu.Dropdown>
    </Menu>
  )
}
