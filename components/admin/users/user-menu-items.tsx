'use client'
import { Menu } from '@mantine/core'
import {
  IconKey,
  IconLink,
  IconLinkOff,
  IconPlus,
  IconTrash,
  IconUser,
  IconUserCheck,
  IconUserOff,
} from '@tabler/icons-react'
import { type LoadedMenuProps, menuAnchor } from '@/components/ui/controls/lazy-menu'
import { ReasonedItem } from '@/components/ui/controls/reasoned-item'
import { useUserId } from '@/lib/client/session/initial-session'
import type { User } from '@/lib/contract/access'
import type { UserMenuAction } from './user-action-dialog'

/** An admin's actions on a user. They are off for the admin's own account: the last admin could lock all users out. */
export function UserMenuItems({
  user,
  onChoose,
  opened,
  onChange,
}: LoadedMenuProps & { user: User; onChoose: (action: UserMenuAction) => void }) {
  const isOwn = useUserId() === user.userId
  const own = isOwn ? 'this is you' : null
  const never = user.isService ? 'a service account never signs in' : null
  const isDisabled = user.disabledAtMs !== null
  return (
    <Menu position="bottom-end" width={260} opened={opened} onChange={onChange} returnFocus>
      <Menu.Target>{menuAnchor()}</Menu.Target>
      <Menu.Dropdown aria-label={`${user.username} options`} aria-labelledby={undefined}>
        <ReasonedItem icon={IconUser} off={own} onClick={() => onChoose('role')}>
          Role on everything…
        </ReasonedItem>
        {user.isService && (
          <ReasonedItem icon={IconPlus} off={null} onClick={() => onChoose('token')}>
            Create token…
          </ReasonedItem>
        )}
        <ReasonedItem
          icon={IconKey}
          off={never ?? (user.hasPassword ? null : 'no password here')}
          onClick={() => onChoose('password')}
        >
          New one-time password…
        </ReasonedItem>
        <ReasonedItem icon={IconLink} off={never ?? own} onClick={() => onChoose('link')}>
          Link a subject…
        </ReasonedItem>
        <ReasonedItem
          icon={IconLinkOff}
          off={never ?? own ?? (user.signInMethod === 'password' ? 'no subject is linked' : null)}
          onClick={() => onChoose('unlink')}
        >
          Unlink the subject…
        </ReasonedItem>
        <ReasonedItem
          icon={isDisabled ? IconUserCheck : IconUserOff}
          off={own}
          onClick={() => onChoose(isDisabled ? 'enable' : 'disable')}
        >
          {isDisabled ? 'Enable…' : 'Disable…'}
        </ReasonedItem>
        <Menu.Divider />
        <ReasonedItem icon={IconTrash} off={own} isDangerous onClick={() => onChoose('remove')}>
          Remove…
        </ReasonedItem>
      </Menu.Dropdown>
    </Menu>
  )
}
