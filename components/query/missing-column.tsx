'use client'
import { useQuery } from '@tanstack/react-query'
import { ProblemNote } from '@/components/ui/notes/problem-note'
import { missingColumnQuery } from '@/lib/client/query/missing-column'
import type { AppError } from '@/lib/errors'
import { joinSentences } from '@/lib/format/sentence'
import type { QueryRequest } from '@/lib/query/engine'
import type { MissingColumn as Missing } from '@/lib/query/missing-column'

/** A statement names a column that its tables do not have: if they have it under another name, it is the advice. */
export function MissingColumn({
  error,
  missing,
  request,
  next,
}: {
  error: AppError
  missing: Missing
  request: QueryRequest
  /** The advice until the schemas of the tables are loaded, and if they do not explain it. */
  next: string | null
}) {
  const { data: explanation = null } = useQuery(missingColumnQuery(request, missing))
  const advice = explanation === null ? next : joinSentences(explanation, 'Correct it and run it again')
  return <ProblemNote error={error} {...(advice !== null && { next: advice })} />
}
