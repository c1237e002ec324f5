'use client'
import { Button } from '@mantine/core'
import { useInfiniteQuery } from '@tanstack/react-query'
import { useEffect, useEffectEvent, useMemo, useState } from 'react'
import { Unloaded } from '@/components/shell/unloaded'
import { toListing } from '@/components/ui/table/listing'
import { VisibleText } from '@/components/ui/values/visible-text'
import { rejectsQuery } from '@/lib/client/jobs/rejects'
import { formatCount, formatQuantity } from '@/lib/format/count'
import type { TextPart } from '@/lib/ingest/text-reader'
import { correctedRecords, type RecordState } from './corrected-records'
import { findPart } from './record-positions'
import { RejectGroups } from './reject-groups'
import {
  listRemainingValues,
  type Replacement,
  replaceValues,
  type ValueSyntax,
  withReplacements,
} from './replace-values'

type Replaced = { replacement: Replacement; count: number; before: string; after: string }

/**
 * Why rows were rejected, below the text that has them. A click selects the part that did not fit, or goes to the row if
 * the part is not known; a value is replaced in all rows at once.
 */
export function RejectReasons({
  runId,
  initialText,
  syntax,
  text,
  onChange,
  onSelect,
}: {
  runId: string
  initialText: string
  syntax: ValueSyntax
  text: string
  onChange: (text: string) => void
  onSelect: (part: TextPart) => void
}) {
  const query = useAllRejects(runId)
  const { rows: rejects, isWhole } = useMemo(
    () =>
      toListing({ data: query.data, hasNextPage: query.hasNextPage, isPlaceholderData: false }, (page) => page.rejects),
    [query.data, query.hasNextPage],
  )
  const states = useMemo(() => correctedRecords(initialText, text, rejects), [initialText, text, rejects])
  const [replaced, setReplaced] = useState<readonly Replaced[]>([])
  const current = useMemo(
    () =>
      withReplacements(
        rejects,
        replaced.map(({ replacement }) => replacement),
        syntax,
      ),
    [rejects, replaced, syntax],
  )
  const hasValue = useMemo(() => listRemainingValues(text, rejects, current), [text, rejects, current])
  const [first] = query.data?.pages ?? []
  // Counts of a part would be taken for those of all rows.
  if (!first || !isWhole)
    return (
      <Unloaded
        query={{ data: undefined, error: query.error, refetch: query.refetch }}
        subject="The reasons"
        skeleton={[3, 2, 'Reading why rows were rejected']}
      />
    )
  const countOf = (state: RecordState) => states.filter((one) => one === state).length
  const deletedCount = countOf('deleted')
  const unlistedCount = first.totalCount - rejects.length
  const last = replaced.at(-1)
  return (
    <section aria-label="Why they were rejected">
      <p className="bare secondary dense" role="status">
        {formatCount(countOf('changed'))} of {formatQuantity(rejects.length, 'value')} changed
        {deletedCount > 0 &&
          `, ${formatCount(deletedCount)} deleted with ${deletedCount === 1 ? 'its row' : 'their rows'}`}
        {unlistedCount > 0 &&
          `; ${formatCount(unlistedCount)} more ${unlistedCount === 1 ? 'is' : 'are'} listed in the run`}
      </p>
      {last !== undefined && last.after === text && (
        <p className="bare dense" role="status">
          <ReplacedSentence {...last} />{' '}
          <Button
            size="compact-xs"
            variant="subtle"
            onClick={() => {
              onChange(last.before)
              setReplaced(replaced.slice(0, -1))
            }}
          >
            Undo
          </Button>
        </p>
      )}
      <RejectGroups
        rejects={rejects}
        states={states}
        hasValue={hasValue}
        onSelect={(index) => {
          const part = findPart(text, current, index)
          if (part !== null) onSelect(part)
        }}
        onCount={(replacement) => replaceValues(text, current, replacement, syntax).count}
        onReplace={(replacement) => {
          const { text: after, count } = replaceValues(text, current, replacement, syntax)
          onChange(after)
          setReplaced([...replaced, { replacement, count, before: text, after }])
        }}
      />
    </section>
  )
}

function ReplacedSentence({ replacement: { column, value, by }, count }: Replaced) {
  return (
    <>
      Replaced {value === '' ? 'the empty value' : <VisibleText>{value}</VisibleText>} with{' '}
      {by === '' ? 'null' : <VisibleText>{by}</VisibleText>} in {column}, in {formatQuantity(count, 'row')}.
    </>
  )
}

/** The whole list, page after page: values are counted and replaced in all of it. */
function useAllRejects(runId: string) {
  const query = useInfiniteQuery(rejectsQuery(runId, { isFinal: true }))
  const { hasNextPage, isFetching, isError } = query
  const pageCount = query.data?.pages.length ?? 0
  /** Zero while no more can be read. A page may arrive before it is drawn as being read. */
  const readCount = hasNextPage && !isFetching && !isError ? pageCount : 0
  const readOn = useEffectEvent(() => void query.fetchNextPage())
  useEffect(() => {
    if (readCount > 0) readOn()
  }, [readCount])
  return query
}
