'use client'
import { TextInput } from '@mantine/core'
import { IconCheck, IconSearch } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { type FormEvent, useId, useState } from 'react'
import { WaitingButton } from '@/components/ui/controls/waiting-button'
import { ProblemNote } from '@/components/ui/notes/problem-note'
import { bloomTestQuery, type ChunkPosition, type ShownFile } from '@/lib/client/table/file-inspection'
import { formatCount, formatQuantity } from '@/lib/format/count'
import type { BloomTest } from '@/lib/scan/inspect/bloom-test'
import classes from './bloom-field.module.css'

/** Tests a value against the bloom filters of a column in all row groups, and against its bounds alone. */
export function BloomField({
  shown,
  position: { group, leaf },
  column,
}: {
  shown: ShownFile
  position: ChunkPosition
  /** Dotted name. */
  column: string
}) {
  const id = useId()
  const [text, setText] = useState('')
  const [tested, setTested] = useState<string | null>(null)
  const query = useQuery({ ...bloomTestQuery(shown, leaf, tested ?? ''), enabled: tested !== null, retry: false })
  const onSubmit = (event: FormEvent) => {
    event.preventDefault()
    if (tested === text && query.isError) void query.refetch()
    setTested(text)
  }
  return (
    <>
      <form className={classes.form} onSubmit={onSubmit}>
        <TextInput
          id={id}
          className="grow"
          aria-label={`Value of ${column} to test`}
          placeholder="Value to test"
          value={text}
          leftSection={<IconSearch size={15} stroke={1.6} aria-hidden />}
          autoComplete="off"
          spellCheck={false}
          maxLength={10_000}
          onChange={(event) => setText(event.currentTarget.value)}
        />
        <WaitingButton type="submit" variant="default" loading={query.isFetching}>
          Test
        </WaitingButton>
      </form>
      <div role="status" className={classes.verdict}>
        {query.data && tested === text && (
          <>
            <IconCheck size={15} stroke={1.6} aria-hidden />
            <span>{verdictText(query.data, group)}</span>
          </>
        )}
      </div>
      {query.error && tested === text && <ProblemNote error={query.error} subject={column} />}
    </>
  )
}

const MAX_LISTED_GROUPS = 20

/** `Not in this row group. 3 of 28 may hold it: 4, 5, 22. Bounds alone would read all 28.` */
export function verdictText({ groups, groupsByBounds, testedCount, groupCount }: BloomTest, group: number): string {
  const here = groups.includes(group) ? 'Maybe in this row group.' : 'Not in this row group.'
  const listed = groups.slice(0, MAX_LISTED_GROUPS).map(formatCount).join(', ')
  const more = groups.length > MAX_LISTED_GROUPS ? ` and ${formatCount(groups.length - MAX_LISTED_GROUPS)} more` : ''
  const holders =
    groups.length === 0
      ? `None of ${formatQuantity(groupCount, 'row group')} holds it.`
      : `${formatCount(groups.length)} of ${formatCount(groupCount)} may hold it: ${listed}${more}.`
  const byBounds =
    groupsByBounds.length === groupCount
      ? `all ${formatCount(groupCount)}`
      : `${formatCount(groupsByBounds.length)} of ${formatCount(groupCount)}`
  const untested =
    testedCount === groupCount || groupsByBounds.length === 0
      ? ''
      : ` ${formatQuantity(groupCount - testedCount, 'row group has', 'row groups have')} no filter that can be read.`
  return `${here} ${holders} Bounds alone would read ${byBounds}.${untested}`
}
