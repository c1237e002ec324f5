'use client'
import { Menu } from '@mantine/core'
import { type LoadedMenuProps, menuAnchor } from '@/components/ui/controls/lazy-menu'
import { useNow } from '@/components/ui/values/use-now'
import { type AuditListFilter, auditExportHref } from '@/lib/client/audit'
import { MAX_EXPORTED_AUDIT_ENTRIES } from '@/lib/contract/shapes/plain-values'
import { formatCount } from '@/lib/format/count'
import classes from './audit.module.css'

const FORMATS = [
  { format: 'ndjson', label: 'NDJSON', hint: 'As the API returns entries' },
  { format: 'csv', label: 'CSV', hint: "Formula-like text is prefixed with '" },
] as const

/** Files with the entries that the list is filtered to. */
export function AuditExportMenu({ filter, opened, onChange }: LoadedMenuProps & { filter: AuditListFilter }) {
  const nowMs = useNow()
  return (
    <Menu position="bottom-end" width={300} opened={opened} onChange={onChange}>
      <Menu.Target>{menuAnchor()}</Menu.Target>
      <Menu.Dropdown aria-label="Export as" aria-labelledby={undefined}>
        {FORMATS.map(({ format, label, hint }) => (
          <Menu.Item key={format} component="a" href={auditExportHref(filter, format, nowMs)} download>
            {label}
            <span className={classes.hint}>{hint}</span>
          </Menu.Item>
        ))}
        <p className={classes.note}>
          Up to {formatCount(MAX_EXPORTED_AUDIT_ENTRIES)} entries that fit the filters, newest first. The export is
          recorded in the audit.
        </p>
      </Menu.Dropdown>
    </Menu>
  )
}
