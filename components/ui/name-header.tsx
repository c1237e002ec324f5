import { Skeleton } from '@mantine/core'
import type { Icon } from '@tabler/icons-react'
import type { ReactNode } from 'react'
import { CopyButton } from './controls/copy-button'
import classes from './name-header.module.css'

/**
 * What a page of its own thing begins with: its icon and name, said with what it is inside of, then what it is and
 * where it lies, at the right its controls, below its figures.
 */
export function NameHeader({
  icon: NameIcon,
  prefix = null,
  name,
  copyLabel,
  chips,
  location,
  controls,
  hasEdge = false,
  children,
}: {
  icon: Icon
  /** What it is inside of. */
  prefix?: string | null
  name: string
  copyLabel: string
  /** The first stays where there is little room. */
  chips: readonly string[]
  location: string | null
  controls?: ReactNode
  /** A line below, where nothing follows that has one. */
  hasEdge?: boolean
  /** {@link HeaderFigures}, or their skeleton. */
  children?: ReactNode
}) {
  const fullName = prefix === null ? name : `${prefix}.${name}`
  return (
    <header className={classes.header} data-edge={hasEdge || undefined}>
      <div className={classes.row}>
        <NameIcon size={18} stroke={1.6} className={classes.icon} aria-hidden />
        <h1 className={classes.name} title={fullName}>
          {prefix !== null && <span className={classes.prefix}>{prefix}.</span>}
          {name}
        </h1>
        <CopyButton value={fullName} label={copyLabel} />
        {chips.map((chip, index) => (
          <span key={chip} className={classes.chip} data-wide={index > 0 || undefined}>
            {chip}
          </span>
        ))}
        {location !== null && (
          <code className={classes.location} title={location}>
            {location}
          </code>
        )}
        {controls !== undefined && <div className={classes.controls}>{controls}</div>}
      </div>
      {children}
    </header>
  )
}

export function HeaderFigures({ children }: { children: ReactNode }) {
  return <dl className={classes.figures}>{children}</dl>
}

export function HeaderFiguresSkeleton() {
  return (
    <div className={classes.figures}>
      <Skeleton width={420} height={12} my={3} />
    </div>
  )
}

/** `last commit 2 min ago`; a count stands before what it counts: `41 data files`. */
export function HeaderFigure({
  name,
  isCount = false,
  children,
}: {
  name: string
  isCount?: boolean
  children: ReactNode
}) {
  return (
    <div data-count={isCount || undefined}>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  )
}
