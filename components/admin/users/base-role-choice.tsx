'use client'
import { ROLE_WORDS } from '@/components/admin/access/describe-role'
import { ChoiceFieldset } from '@/components/ui/controls/choice-fieldset'
import { SegmentedChoice } from '@/components/ui/controls/segmented-choice'
import { ROLES, type Role } from '@/lib/permissions'

const NONE = 'none'

/** The role of a user on everything, which may be absent: then only grants count. */
export function BaseRoleChoice({ role, onChange }: { role: Role | null; onChange: (role: Role | null) => void }) {
  return (
    <ChoiceFieldset
      label="Role on everything"
      hint={
        role === null
          ? 'Only what is granted to them or to their groups.'
          : role === 'admin'
            ? 'Everything, also users, connections and the audit.'
            : `On every catalog: ${ROLE_WORDS[role].charAt(0).toLowerCase()}${ROLE_WORDS[role].slice(1)}`
      }
    >
      <SegmentedChoice
        label="Role on everything"
        value={role ?? NONE}
        onChange={(value) => onChange(value === NONE ? null : value)}
        options={[{ value: NONE, label: 'none' }, ...ROLES.map((value) => ({ value, label: value }))]}
      />
    </ChoiceFieldset>
  )
}
