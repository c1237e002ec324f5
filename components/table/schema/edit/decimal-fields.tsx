'use client'
import { NumberInput, TextInput } from '@mantine/core'
import { useState } from 'react'
import type { PrimitiveType } from '@/lib/iceberg/schema/types'
import classes from './schema-editor.module.css'

const MAX_PRECISION = 38

type Decimal = { precision: number; scale: number }

/** Precision and scale of a decimal that is in files: its precision can grow, and its scale is fixed. */
export function DecimalFields({
  name,
  committed,
  value,
  onChange,
}: {
  name: string
  committed: Decimal
  value: Decimal
  onChange: (type: PrimitiveType) => void
}) {
  const { scale } = committed
  const [typed, setTyped] = useState<number | string>(value.precision)
  const [known, setKnown] = useState(value.precision)
  // Another value comes from elsewhere, such as a discarded change.
  if (known !== value.precision) {
    setKnown(value.precision)
    setTyped(value.precision)
  }
  const change = (next: number | string) => {
    setTyped(next)
    if (typeof next !== 'number' || next < committed.precision || next > MAX_PRECISION) return
    setKnown(next)
    onChange(`decimal(${next}, ${scale})`)
  }
  return (
    <span className={classes.decimal}>
      <code>decimal</code>
      <NumberInput
        aria-label={`Precision of ${name}`}
        title={`From ${committed.precision} to ${MAX_PRECISION}: a precision can only grow.`}
        value={typed}
        min={committed.precision}
        max={MAX_PRECISION}
        allowDecimal={false}
        allowNegative={false}
        onChange={change}
      />
      <TextInput
        aria-label={`Scale of ${name}`}
        title="The scale of a decimal cannot change."
        value={scale}
        disabled
        readOnly
      />
    </span>
  )
}
