'use client'
import { useId } from 'react'
import classes from './new-table.module.css'
import { useWay } from './use-way'

const CELLS = [
  { way: 'declare', title: 'Declare', detail: 'column by column' },
  { way: 'paste', title: 'Paste', detail: 'SQL, JSON or YAML' },
  { way: 'file', title: 'From a file', detail: 'its columns, to approve' },
] as const

/** The ways in. Each of them only fills the form below. */
export function WayCells() {
  const [{ way }, setWay] = useWay()
  const name = useId()
  return (
    <fieldset className={classes.ways}>
      <legend className="sr-only">Begin with</legend>
      {CELLS.map((cell) => (
        <label key={cell.way} className={classes.way}>
          <input type="radio" name={name} checked={way === cell.way} onChange={() => void setWay({ way: cell.way })} />
          <span>
            {cell.title}
            <small>{cell.detail}</small>
          </span>
        </label>
      ))}
    </fieldset>
  )
}
