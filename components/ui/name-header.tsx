import { Button, Skeleton } from '@mantine/core'
import type { Icon } from '@tabler/icons-react'
import type { ReactNode } from 'react'
import { visibleText } from '@/lib/format/visible-text'
import { CopyButton } from './controls/copy-button'
import classes from './name-header.module.css'
import { QualifiedName } from './values/qualified-name'
import { VisibleText } from './values/visible-text'

/**
 * The header of a page about one thing in one row: icon and full name, chips, figures and location, and controls at the
 * right. On narrow pages the figures have a line of their own.
 */
export function NameHeader({
  icon: NameIcon,
  catalog,
  prefix = null,
  name,
  copyLabel,
  star,
  badges,
  chips,
  location,
  controls,
  isReading = false,
  hasEdge = false,
  children,
}: {
  icon: Icon
  /** Its catalog, before the name. */
  catalog?: ReactNode
  /** Name of its parent. */
  prefix?: string | null
  name: string
  copyLabel: string
  /** Marks a favourite. It stays on the line of the name. */
  star?: ReactNode
  /** Badges, before the chips. */
  badges?: ReactNode
  /** Only wide pages show them all. */
  chips: readonly string[]
  location: string | null
  controls?: ReactNode
  /** Whether the controls are still to come: then their line stays free. */
  isReading?: boolean
  /** Whether to draw a line below the header. */
  hasEdge?: boolean
  /** {@link HeaderFigures}, or their skeleton. */
  children?: ReactNode
}) {
  const fullName = prefix === null ? name : `${prefix}.${name}`
  return (
    <header className={classes.header} data-edge={hasEdge || undefined}>
      <div className={classes.row}>
        <NameIcon size={18} stroke={1.6} className={classes.icon} aria-hidden />
        {catalog && <span className={classes.catalog}>{catalog}</span>}
        <h1 className={classes.name} title={visibleText(fullName)} aria-label={visibleText(fullName)}>
          <QualifiedName prefix={prefix} name={name} />
        </h1>
        <span className={classes.copy}>
          <CopyButton value={fullName} label={copyLabel} />
        </span>
        {star && <span className={classes.star}>{star}</span>}
        <div className={classes.facts}>
          {badges}
          {chips.map((chip, index) => (
            <span key={chip} className={classes.chip} data-wide={index > 0 || undefined}>
              {chip}
            </span>
          ))}
          {children}
          {location !== null && (
            <code className={classes.location} title={visibleText(location)}>
              <VisibleText>{location}</VisibleText>
            </code>
          )}
        </div>
        {isReading && (
          <div key="to come" className={classes.controls}>
            <Button disabled variant="default" className={classes.controlsToCome} />
          </div>
        )}
        {controls !== undefined && (
          <div key="controls" className={classes.controls}>
            {controls}
          </div>
        )}
      </div>
    </header>
  )
}

/** As many figures as fit into one line; the first ones matter most. */
export function HeaderFigures({ children }: { children: ReactNode }) {
  return (
    <dl className={classes.figures} data-one-line>
      {children}
    </dl>
  )
}

export function HeaderFiguresSkeleton() {
  return (
    <div className={classes.figures}>
      <Skeleton width={320} height={12} my={3} />
    </div>
  )
}

/** A figure, such as `last snapshot 2 min ago`. A count comes before its name: `41 data files`. */
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
