'use client'
import { Checkbox } from '@mantine/core'
import type { CloneReview } from '@/lib/contract/table/clones'
import classes from '../lifecycle-panel.module.css'

/** Parts that are copied in addition to the rows. */
export type CloneKeeps = {
  keepsPartitioning: boolean
  keepsSortOrder: boolean
  keepsDescription: boolean
  /** By name; properties without an entry are copied. */
  isPropertyRetained: Readonly<Record<string, boolean>>
}

export const INITIAL_KEEPS: CloneKeeps = {
  keepsPartitioning: true,
  keepsSortOrder: true,
  keepsDescription: true,
  isPropertyRetained: {},
}

export function toChosenProperties(settings: readonly string[], { isPropertyRetained }: CloneKeeps): string[] {
  return settings.filter((name) => isPropertyRetained[name] !== false)
}

type CloneKeepsProps = { review: CloneReview; keeps: CloneKeeps; onChange: (keeps: CloneKeeps) => void }

export function CloneKeepsFields({ review, keeps, onChange }: CloneKeepsProps) {
  const { settings, description, isPartitioned, isSorted } = review
  const chosen = toChosenProperties(settings, keeps)
  const setAll = (isRetained: boolean) =>
    onChange({ ...keeps, isPropertyRetained: Object.fromEntries(settings.map((name) => [name, isRetained])) })
  return (
    <fieldset className={classes.keeps}>
      <legend>What goes along</legend>
      <Checkbox checked disabled label="Columns, with their ids and defaults" readOnly />
      {isPartitioned && (
        <Checkbox
          label="Partitioning of new files"
          description="Copied files keep their partitions either way."
          checked={keeps.keepsPartitioning}
          onChange={({ currentTarget }) => onChange({ ...keeps, keepsPartitioning: currentTarget.checked })}
        />
      )}
      {isSorted && (
        <Checkbox
          label="Sort order of new files"
          checked={keeps.keepsSortOrder}
          onChange={({ currentTarget }) => onChange({ ...keeps, keepsSortOrder: currentTarget.checked })}
        />
      )}
      {description.length > 0 && (
        <Checkbox
          label="Description, owner and tags"
          checked={keeps.keepsDescription}
          onChange={({ currentTarget }) => onChange({ ...keeps, keepsDescription: currentTarget.checked })}
        />
      )}
      {settings.length > 0 && (
        <Checkbox
          label={`Properties (${chosen.length} of ${settings.length})`}
          checked={chosen.length === settings.length}
          indeterminate={chosen.length > 0 && chosen.length < settings.length}
          onChange={({ currentTarget }) => setAll(currentTarget.checked)}
        />
      )}
      {settings.length > 0 && (
        <details className={classes.properties}>
          <summary>Choose properties</summary>
          {settings.map((name) => (
            <Checkbox
              key={name}
              size="xs"
              label={<code>{name}</code>}
              checked={keeps.isPropertyRetained[name] !== false}
              onChange={({ currentTarget }) =>
                onChange({
                  ...keeps,
                  isPropertyRetained: { ...keeps.isPropertyRetained, [name]: currentTarget.checked },
                })
              }
            />
          ))}
        </details>
      )}
    </fieldset>
  )
}
