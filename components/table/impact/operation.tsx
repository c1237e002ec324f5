import { IconMinus, IconPlus, IconPointFilled, IconRefresh, IconReplace } from '@tabler/icons-react'
import classes from './operation.module.css'

const ICONS = { append: IconPlus, delete: IconMinus, overwrite: IconReplace, replace: IconRefresh }

/** The operation of a snapshot, in Iceberg's term. */
export function Operation({ operation }: { operation: string }) {
  const Icon = ICONS[operation as keyof typeof ICONS] ?? IconPointFilled
  return (
    <span className={classes.operation}>
      <Icon size={14} stroke={1.6} aria-hidden />
      {operation}
    </span>
  )
}
