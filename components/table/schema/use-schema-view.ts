'use client'
import { parseAsBoolean, parseAsStringLiteral, useQueryStates } from 'nuqs'

const VIEWS = ['columns', 'history'] as const

const VIEW_PARSERS = {
  view: parseAsStringLiteral(VIEWS).withDefault('columns'),
  fold: parseAsBoolean.withDefault(false),
}

/** Whether the tab shows the columns or the former schemas, and whether unchanged columns are folded. */
export function useSchemaView() {
  return useQueryStates(VIEW_PARSERS)
}
