import { IconMinus, IconPlus, IconPointFilled, IconRefresh, IconReplace } from '@tabler/icons-react'
import classes from './operation.module.css'

const ICONS = { append: IconPlus, delete: IconMinus, overwrite: IconReplace, replace: IconRefresh }

/** What a commit did, in Iceberg's word for it. */
export function Operation({ operation }: { operation: string }) {
  const Icon = ICONS[operation as keyof typeof ICONS] ?? IconPointFilled
  return (
    <span className={classes.operation}>
      <Icon size={14} stroke={1.6} aria-hidden />
      {operation}
    </span>
  )
}
