'use client'
import { ChoiceFieldset } from '@/components/ui/controls/choice-fieldset'
import { SegmentedChoice } from '@/components/ui/controls/segmented-choice'
import { ROLES, type Role } from '@/lib/permissions'
import { ROLE_WORDS } from './describe-role'

/** The role of a grant, with the actions that it allows. */
export function RoleChoice({
  role,
  roles = ROLES,
  onChange,
}: {
  role: Role
  roles?: readonly Role[]
  onChange: (role: Role) => void
}) {
  return (
    <ChoiceFieldset label="Role" hint={ROLE_WORDS[role]}>
      <SegmentedChoice
        label="Role"
        value={role}
        onChange={onChange}
        options={roles.map((value) => ({ value, label: value }))}
      />
    </ChoiceFieldset>
  )
}
