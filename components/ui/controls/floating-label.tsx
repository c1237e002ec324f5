'use client'
import { Tooltip } from '@mantine/core'

export type FloatingLabelProps = { target: HTMLElement | null; label: string }

/** A label next to `target`, or none while it is null. */
export function FloatingLabel({ target, label }: FloatingLabelProps) {
  return target && <Tooltip target={target} label={label} opened />
}
