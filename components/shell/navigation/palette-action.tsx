'use client'
import { Spotlight } from '@mantine/spotlight'
import type { TablerIcon } from '@tabler/icons-react'
import type { TextPart } from '@/lib/search/fold-text'
import classes from './command-palette.module.css'

type PaletteActionProps = {
  icon: TablerIcon
  label: string
  /** The label in parts; matching parts are marked. */
  parts?: readonly TextPart[] | undefined
  /** A detail after the label. */
  detail?: string | null | undefined
  /** Its location, at the end of the line. */
  description?: string | undefined
  onGo: () => void
  staysOpen?: boolean | undefined
}

/** A line of the palette. */
export function PaletteAction({
  icon: Icon,
  label,
  parts,
  detail = null,
  description,
  onGo,
  staysOpen = false,
}: PaletteActionProps) {
  return (
    <Spotlight.Action onClick={onGo} closeSpotlightOnTrigger={!staysOpen}>
      <Icon size={15} stroke={1.6} aria-hidden />
      <span className={classes.label} title={label}>
        {parts === undefined
          ? label
          : parts.map(({ text, isMatch }, index) =>
              isMatch ? <mark key={index}>{text}</mark> : <span key={index}>{text}</span>,
            )}
      </span>
      {detail !== null && (
        <span className={classes.detail} title={detail}>
          {detail}
        </span>
      )}
      {description !== undefined && (
        <span className={classes.description} title={description}>
          {description}
        </span>
      )}
    </Spotlight.Action>
  )
}
