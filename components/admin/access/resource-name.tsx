import { IconDatabase, IconEye, IconFolder, IconStack2, IconTable } from '@tabler/icons-react'
import { VisibleText } from '@/components/ui/values/visible-text'
import { type ResourceFields, resourceKind, resourceLabel } from '@/lib/names/resource-name'
import { visibleText } from '@/lib/format/visible-text'
import classes from './access.module.css'

export const RESOURCE_ICONS = {
  everything: IconStack2,
  catalog: IconDatabase,
  namespace: IconFolder,
  table: IconTable,
} as const

/** A resource with the icon of its kind. `name` replaces the full name if the parents are already shown. */
export function ResourceName({
  on,
  name = resourceLabel(on),
  isView = false,
}: {
  on: ResourceFields
  name?: string
  isView?: boolean
}) {
  const kind = isView ? 'view' : resourceKind(on)
  const Icon = kind === 'view' ? IconEye : RESOURCE_ICONS[kind]
  return (
    <span className={classes.resource} title={visibleText(resourceLabel(on))}>
      <Icon size={14} stroke={1.6} aria-hidden />
      <span className="sr-only">{kind === 'everything' ? '' : `${kind} `}</span>
      <span className={classes.resourceText}>
        <VisibleText>{name}</VisibleText>
      </span>
    </span>
  )
}
